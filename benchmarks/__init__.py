"""The figures of speed, Batchwell and its peers side by side: ``scripts/bench``."""
