"""The steps from each format of the ledger to the next, run by Alembic."""
