"""The append-only ledger of evidence, in an SQLite file or on a PostgreSQL server.

Each entry is a record, a correction that supersedes one, a retraction, or a step of a review. It
carries two clocks (``known_at``: when the world knew; ``recorded_at``: when we wrote) and a hash
over its content and its predecessor's hash, so that no entry can change unnoticed
(``forecast.evidence.integrity``). This package alone touches the database.
"""

from forecast.evidence.ledger.place import Place, ledger_place
from forecast.evidence.ledger.store import Ledger
from forecast.evidence.ledger.tables import FORMAT

__all__ = ["FORMAT", "Ledger", "Place", "ledger_place"]
