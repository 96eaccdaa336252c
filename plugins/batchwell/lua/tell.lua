-- Take what is to be told to dependants: the results that no run has told of yet. The last live
-- worker of a run tells for all, so that a run makes one event however many computed for it.
-- Atomic; a try of a task after one that died is told the same again.
--
-- KEYS[1]  the computation's root
-- ARGV[1]  run: what the names of its workers begin with
-- ARGV[2]  worker: who asks; where the reply was lost it is told the same once more
-- ARGV[3]  "1": the run passes upstream changes on, also without results
-- ARGV[4]  "1": this try follows one that may have died after it was told
-- Returns  [] when nothing is to be told, else [results, mark (results ever), "1" for the first
--          time that this run tells].
-- Uses     moments
local run, worker, passing, again = ARGV[1], ARGV[2], ARGV[3] == '1', ARGV[4] == '1'
for _, live in ipairs(redis.call('ZRANGEBYSCORE', key.workers, now_ms(), '+inf')) do
  if string.sub(live, 1, #run) == run then return {} end
end
local succeeded, told, teller, to, from, first = unpack(redis.call('HMGET', key.meta,
  'succeeded', 'told', 'told_by', 'told_to', 'told_from', 'told_first'))
succeeded, told = tonumber(succeeded or 0), tonumber(told or 0)
if succeeded > told or (passing and teller ~= run) then
  first, from = teller ~= run and '1' or '0', told
  redis.call('HSET', key.meta,
    'told', succeeded, 'told_by', run, 'told_to', worker, 'told_from', from, 'told_first', first)
elseif teller ~= run or not (again or to == worker) then
  return {}
end
return { succeeded - from, succeeded, first }
