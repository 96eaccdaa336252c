"""What the peers run, in environments of their own: nothing here imports Batchwell."""
