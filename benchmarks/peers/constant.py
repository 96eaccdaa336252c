"""A Flask app with one route, which returns a constant: what the framework itself costs."""

from flask import Flask

app = Flask(__name__)


@app.get("/")
def constant() -> str:
    """Answer without doing anything."""
    return "Current fibonacci number is 832040"
