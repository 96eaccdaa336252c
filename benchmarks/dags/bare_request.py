"""Airflow DAG: one run per request, as the REST API starts it; the task keeps the value."""

from airflow.sdk import dag, get_current_context, task


@dag(schedule=None, catchup=False, max_active_runs=32)
def bare_request():
    @task
    def keep_increment():
        import os

        from redis import Redis

        n = get_current_context()["params"]["n"]
        with Redis.from_url(os.environ["BATCHWELL_REDIS_URL"]) as redis:
            redis.hset("bare:values", n, n + 1)

    keep_increment()


bare_request()
