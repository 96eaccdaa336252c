"""Everything on one machine: the supervisor behind ``scripts/up``."""
