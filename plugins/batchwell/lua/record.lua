-- List a batch with those of its Airflow run, the latest first: one small write. Atomic; repeating it
-- after a lost reply lists the batch twice.
--
-- KEYS[1]  the computation's root
-- ARGV[1]  run: "<dag_id>/<run_id>"
-- ARGV[2]  JSON: what the batch was (run_batches.py)
-- ARGV[3]  how many batches of a run to keep at most
-- ARGV[4]  retain_ms
-- Uses     moments
local name = run_key(ARGV[1])
redis.call('LPUSH', name, now_ms() .. ' ' .. ARGV[2])
redis.call('LTRIM', name, 0, ARGV[3] - 1)
redis.call('PEXPIRE', name, ARGV[4])
