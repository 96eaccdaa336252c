"""Airflow DAG: an asset's event starts a task, which tells when its first line ran. No more."""

from airflow.sdk import Asset, AssetWatcher, dag, task
from bare_trigger import BareTrigger


@dag(
    schedule=Asset(
        "bare_asset", watchers=[AssetWatcher(name="bare_watcher", trigger=BareTrigger())]
    ),
    catchup=False,
    max_active_runs=4,
)
def bare_event():
    @task
    def first_line():
        import time

        now = time.time()
        import os

        from redis import Redis

        with Redis.from_url(os.environ["BATCHWELL_REDIS_URL"]) as redis:
            redis.rpush("bare:first_lines", now)

    first_line()


bare_event()
