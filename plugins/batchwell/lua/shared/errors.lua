-- What went wrong on a request's way.
-- Uses     requests

-- Add an error to a loaded request's story, and make it the request's error; of the last alone the
-- traceback is kept.
local function tell_error(token, now, attempt, kind, type, message, traceback)
  local record = requests[token]
  local story = record[STORY] or {}
  if #story == 10 then table.remove(story, 1) end
  -- Cut before a character that the cut would split.
  local short = #message > 500 and string.sub(message, 1, 500):gsub('[\192-\255][\128-\191]*$', '')
  story[#story + 1] =
    { at = now, attempt = attempt, kind = kind, type = type, message = short or message }
  record[STORY] = story
  record[ERROR_KIND], record[ERROR_TYPE], record[ERROR_MESSAGE] = kind, type, message
  record[TRACEBACK] = traceback ~= '' and traceback or nil
end
