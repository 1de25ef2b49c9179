-- Lists, dead letters, events and wake-ups.

local MAX_DEAD, MAX_EVENTS, SHOWN = 1000, 10000, 256
local dead_now = 0 -- dead letters of this call, for the log

local function is_id(text)
  return #text >= 1 and #text <= 63 and string.match(text, '^[A-Za-z0-9_-]+$') ~= nil
end

-- Printable ASCII stays, everything else is escaped: a payload must not write to somebody's terminal.
local function escaped(text)
  return (string.gsub(string.sub(text, 1, SHOWN), '[%c\\\128-\255]', function(byte)
    return string.format('\\x%02x', string.byte(byte))
  end))
end

local function dead_letter(payload, reason, now)
  local letter = { payload = escaped(payload), bytes = #payload, reason = reason, at = now }
  redis.call('LPUSH', K.dead, cjson.encode(letter))
  redis.call('LTRIM', K.dead, 0, MAX_DEAD - 1)
  dead_now = dead_now + 1
end

local function why_no_id(text)
  if #text == 0 then return 'empty' end
  if #text > 63 then return 'too long' end
  return 'not an id'
end

local function wake(message)
  redis.call('PUBLISH', K.wake, message)
end

local function push(queue, id, at_front)
  redis.call(at_front and 'RPUSH' or 'LPUSH', K.list[queue], id)
  wake('queue:' .. queue)
end

-- `change` says what the event is about: 'state' or, within one state, 'phase', or 'deleted'.
local function add_event(id, word, job, change)
  redis.call('XADD', K.events, 'MAXLEN', '~', MAX_EVENTS, '*', 'id', id, 'word', word,
    'claim', fence_of(job), 'change', change, 'status', word_of(job), 'phase', job.phase)
  wake('events')
end

local function note_event(id, job, change)
  add_event(id, state_of(job), job, change)
end
