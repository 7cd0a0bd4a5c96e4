"""The evidence: records, the append-only ledger with two clocks, and its one as-of reader."""
