"""How gunicorn serves the web app: threads that poll for themselves. Knows nothing of the app."""
