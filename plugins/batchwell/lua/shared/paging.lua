-- Lists, the latest first, a page at a time.

-- The members and scores of a sorted set that follow a place, and the place to go on after ("": no
-- more). A place is "<score>:<member>", also of a member that is there no more; `like` is the
-- pattern of members.
local function page(name, place, count, like)
  local start = 0
  if place ~= '' then
    local score, member = string.match(place, '^(%d+):(' .. like .. ')$')
    -- One that has gone is put back for a moment, to learn where it was.
    local gone = redis.call('ZADD', name, 'NX', score, member) == 1
    start = redis.call('ZREVRANK', name, member) + (gone and 0 or 1)
    if gone then redis.call('ZREM', name, member) end
  end
  local found = redis.call('ZREVRANGE', name, start, start + count - 1, 'WITHSCORES')
  local more = #found > 0 and start + #found / 2 < redis.call('ZCARD', name)
  return found, more and found[#found] .. ':' .. found[#found - 1] or ''
end
