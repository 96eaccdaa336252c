-- List the deliveries of the last week, the latest first; forget older ones. A place in the list is
-- "<when it was owed, in ms>:<id>", also of a delivery that is there no more.
--
-- KEYS[1]  the computation's root
-- ARGV[1]  the place after which to begin; "" for the first
-- ARGV[2]  how many to return at most
-- ARGV[3]  retain_ms
-- Returns  [the place after which to go on ("": no more), [id, due (ms) or "", delivery fields]…].
-- Uses     moments, owing, paging
trim(key.deliveries, now_ms() - 7 * ARGV[3])
local found, place = page(key.deliveries, ARGV[1], ARGV[2], '.*')
local reply = { place }
for i = 1, #found, 2 do reply[#reply + 1] = load_delivery(found[i]) end
return reply
