"""The proof of docker-compose.yaml, run by ``scripts/test-compose`` and not by ``scripts/test``."""
