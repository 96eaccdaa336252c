"""The article's web app, written afresh: ``/set/<num>`` starts a task, ``/current`` reads.

Flask, Celery and Redis as its readers would put them into production: under gunicorn, hiredis
installed, one pool of connections for each process, the task's own result ignored.
"""

from flask import Flask

from benchmarks.peers.article_tasks import CURRENT, assign, redis

app = Flask(__name__)


@app.get("/set/<int:num>")
def set_number(num: int) -> str:
    """Have the num-th Fibonacci number computed."""
    assign.delay(num)
    return "New Fibonacci number will be assigned soon."


@app.get("/current")
def show_current() -> str:
    """Tell the number that was computed last."""
    return f"Current fibonacci number is {int(redis.get(CURRENT) or 0)}"
