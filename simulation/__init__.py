"""People with known tastes, who use the feed over the real API: to watch it, and to measure it."""
