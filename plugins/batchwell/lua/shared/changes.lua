-- Telling those who follow requests which ones changed.

-- The requests that this call changed, so far; a point before the token: that has ended.
local changed = {}

-- Tell those who follow requests which ones changed: one message a call, whatever their number.
-- A hint only: who loses it looks a little later.
local function tell_changes()
  if #changed > 0 then
    redis.call('PUBLISH', changes_channel, computation .. ' ' .. table.concat(changed, ' '))
  end
end

-- Tell them that workers came or went, which changes what all that wait wait for.
local function tell_workers()
  redis.call('PUBLISH', changes_channel, computation)
end
