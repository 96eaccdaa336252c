-- Tell who attends to a computation's requests: workers, and the trigger that wakes Airflow.
--
-- KEYS[1]  the computation's root
-- Returns  what `attention` returns (shared/attending.lua).
-- Uses     moments, attending
local now = now_ms()
return attention(now)
