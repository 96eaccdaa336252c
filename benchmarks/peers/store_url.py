"""Where the peers find the store: the server that Batchwell uses too."""

import os


def store_url(database: int) -> str:
    """Return the URL of one of the server's databases."""
    return f"{os.environ['BENCH_STORE']}/{database}"
