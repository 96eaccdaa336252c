"""How the web app tells of itself: figures for Prometheus, a log line for each HTTP request."""
