-- Tell the batches of an Airflow run. Reads only.
--
-- KEYS[1]  the computation's root
-- ARGV[1]  run: "<dag_id>/<run_id>"
-- Returns  ["<end in ms> <JSON>"…], the latest first.
return redis.call('LRANGE', run_key(ARGV[1]), 0, -1)
