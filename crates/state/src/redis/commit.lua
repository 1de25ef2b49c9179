-- What follows from a job that changed: status, lists, index, phases, log, events, wake-ups.
-- crates/state/src/in_process/commit.rs does the same.

local MAX_PHASES = 100
local REMEMBERED = 20 -- builds, for the estimate of what waits
local TAKEN_FOR = 86400000 -- an abandoned taken-list goes after a day
local LOG_FOR = 600000 -- a log that is archived and that nobody dropped goes after ten minutes

local function taken_key(job)
  return K.taken .. job.queue .. ':' .. job.owner
end

-- "phase:start" pieces; `phases_over` is when the last of them ended.
local function note_phase(before, after, now)
  local over = after.standing == 'ended' or (after.standing == 'settling' and after.final ~= 'deployed')
  local changed = before == nil or before.phase ~= after.phase
  if before == nil and over then return end
  if changed then
    local _, count = string.gsub(after.phases, ':', '')
    if count < MAX_PHASES then after.phases = after.phases .. after.phase .. ':' .. string.format('%.0f', now) .. ' ' end
  end
  if over and after.phases_over == 0 then after.phases_over = now end
end

-- Takes the place of whatever was put at or past this number by hand, so that our own lines go on.
local function mend_log(key, seq)
  if redis.call('TYPE', key).ok ~= 'stream' then
    redis.call('DEL', key)
    return
  end
  local strangers = redis.call('XRANGE', key, seq .. '-0', '+')
  for _, entry in ipairs(strangers) do redis.call('XDEL', key, entry[1]) end
  redis.call('XSETID', key, (seq - 1) .. '-18446744073709551615')
end

-- Takes the line if it is the next one, ignores what is there, names the line that is missing before it.
local function append_line(id, job, seq, line)
  local expected = job.log_seq + 1
  if seq > expected then return expected end
  if seq < expected then return nil end
  local key = K.log .. id
  if is_error(redis.pcall('XADD', key, seq .. '-0', 'line', line)) then
    mend_log(key, seq)
    redis.call('XADD', key, seq .. '-0', 'line', line)
  end
  job.log_seq = expected
  return nil
end

-- A job that is to be cancelled is nobody's to take.
local function is_listed(job)
  return job ~= nil and job.standing == 'waiting' and job.cancel == 0
end

local function relist(id, before, after, unlisted)
  local was, is = is_listed(before), is_listed(after)
  local same = was and is and before.queue == after.queue
  if was and not same and not unlisted then redis.call('LREM', K.list[before.queue], 0, id) end
  if is and not same then
    -- What comes back goes to the front: it has waited before.
    push(after.queue, id, before ~= nil and before.queue == after.queue)
  end
end

-- How long a build held its slot that its holder brought to an end of its own: how long others wait goes by it.
local function note_lasted(before, after, now)
  if before == nil or before.standing ~= 'held' or before.queue ~= 'build' then return end
  local its_own = after.final ~= 'cancelled' and string.match(after.by, '^holder ')
  if after.standing ~= 'settling' or not its_own then return end
  redis.pcall('LPUSH', K.lasted, string.format('%.0f', math.max(now - before.since, 0)))
  redis.pcall('LTRIM', K.lasted, 0, REMEMBERED - 1)
end

local function index_hold(id, before, after)
  if before ~= nil and before.standing == 'held' then
    local same = after.standing == 'held' and before.owner == after.owner and before.queue == after.queue
    if not same then
      redis.call('SREM', taken_key(before), id)
      redis.call('ZREM', K.leases[before.queue], id)
    end
  end
  if after.standing == 'held' then
    redis.call('ZADD', K.leases[after.queue], after.lease, id)
    redis.call('SADD', taken_key(after), id)
    redis.call('PEXPIRE', taken_key(after), TAKEN_FOR)
  end
end

local function index(id, before, after, now)
  index_hold(id, before, after)
  if before ~= nil and before.standing == 'resting' and after.standing ~= 'resting' then
    redis.call('ZREM', K.retry[before.queue], id)
  end
  if after.standing == 'resting' then redis.call('ZADD', K.retry[after.queue], after.due, id) end
  if not (after.standing == 'held' and after.lease <= now) then redis.call('HDEL', K.suspects, id) end
  if after.standing == 'settling' then
    redis.call('ZADD', K.settling, 'NX', now, id)
  else
    redis.call('ZREM', K.settling, id)
  end
  redis.call(after.standing == 'ended' and 'SREM' or 'SADD', K.unfinished, id)
end

local function announce(id, before, after)
  local moved = before == nil or state_of(before) ~= state_of(after)
  if moved then
    note_event(id, after, 'state')
  elseif before.phase ~= after.phase then
    note_event(id, after, 'phase')
  end
  if moved or before.phase ~= after.phase or before.cancel ~= after.cancel or before.log_seq ~= after.log_seq then
    wake('job:' .. id)
  end
end

-- Two sorted sets by time of acceptance have each id: all of them, and those of its word.
local function list_by_creation(id, before, after, at)
  local last, word = before ~= nil and word_of(before) or nil, word_of(after)
  if last == word and not at then return end
  local listed = redis.call('ZSCORE', K.created .. 'all', id)
  local score = listed or string.format('%.0f', at or clock())
  if not listed then redis.call('ZADD', K.created .. 'all', score, id) end
  if last and last ~= word then redis.call('ZREM', K.created .. last, id) end
  -- A damaged job that was healed: nobody knows which word it had.
  if listed and not last then
    for other in pairs(WORDS) do redis.call('ZREM', K.created .. other, id) end
  end
  redis.call('ZADD', K.created .. word, score, id)
end

-- `extra.record`: bytes of a decision; `extra.line`: a log line with its `extra.seq`; `extra.unlisted`: the caller
-- took the id out of its list; `extra.created`: when a restored job was accepted.
local function commit(id, before, after, now, extra)
  if before == nil then after.number = redis.call('INCR', K.next_number) end
  note_phase(before, after, now)
  note_lasted(before, after, now)
  if extra.line then append_line(id, after, extra.seq, extra.line) end
  save_job(id, before, after)
  if after.standing == 'settling' and extra.record and before.standing ~= 'settling' then
    redis.call('HSET', K.job .. id, 'outcome', extra.record)
  elseif after.standing == 'ended' and before ~= nil and before.standing ~= 'ended' then
    redis.call('HDEL', K.job .. id, 'outcome', 'plan')
  end
  if before == nil or word_of(before) ~= word_of(after) then redis.call('HSET', K.status, id, word_of(after)) end
  if after.standing == 'ended' then redis.call('PEXPIRE', K.log .. id, LOG_FOR) end
  relist(id, before, after, extra.unlisted)
  index(id, before, after, now)
  list_by_creation(id, before, after, extra.created)
  announce(id, before, after)
end

-- A job whose record cannot be read is made one that the reaper ends: held by nobody, no attempt left.
local function heal(id, now)
  dead_letter(id, 'damaged job', now)
  local function kept(name)
    local value = redis.pcall('HGET', K.job .. id, name)
    return type(value) == 'string' and number_of(value) or nil
  end
  local job = new_job('build', now)
  job.intake_fence, job.build_fence = kept('intake_fence') or 0, math.max(kept('build_fence') or 1, 1)
  job.log_seq, job.source_claim = kept('log_seq') or 0, kept('source_claim') or 0
  redis.call('DEL', K.job .. id)
  job.standing, job.owner, job.attempt, job.deliveries = 'held', 'nobody', R.attempts, R.deliveries
  commit(id, nil, job, now, {})
end
