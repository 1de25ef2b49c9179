-- Looks at one job and mends what can be mended here. ARGV: id. The order is that of `diagnose` in
-- crates/types/src/job/repair.rs.
local id, now = ARGV[1], clock()
local job, damaged = read_job(id)
if damaged then
  heal(id, now)
  return 'given-expired-lease'
end
if job == nil then return 'unknown' end

local function mend(change)
  local after = copy(job)
  change(after)
  commit(id, job, after, now, {})
end

local function put_status()
  redis.call('HSET', K.status, id, word_of(job))
end

-- Whether a consumer that is not ours may still have it: counted from the first time that it was in no list.
local function foreign_may_have_it()
  if R.foreign_grace < 0 or job.queue ~= 'build' then return false end
  if job.missing == 0 then
    job.missing = now
    redis.call('HSET', K.job .. id, 'missing', now)
  end
  return now - job.missing < R.foreign_grace
end

local function requeue()
  local after = copy(job)
  after.standing, after.due, after.missing, after.phase = 'waiting', 0, 0, 'queued'
  commit(id, job, after, now, {})
  -- `commit` pushes what began to wait; what waited all along and fell out of the list is pushed here.
  if job.standing == 'waiting' then push(job.queue, id, true) end
  put_status()
  return 'requeued'
end

local word = redis.call('HGET', K.status, id)
if job.standing == 'settling' then return 'needs-settling' end
if job.standing == 'held' and not redis.call('ZSCORE', K.leases[job.queue], id) then
  mend(function(after) after.lease = math.min(job.lease, now) end)
  put_status()
  return 'given-expired-lease'
end
if is_waiting(job) then
  if job.cancel == 1 then return 'cancel-pending' end
  if job.deadline <= now then return 'queue-timeout' end
  local listed = redis.call('LPOS', K.list[job.queue], id)
    or (job.standing == 'resting' and redis.call('ZSCORE', K.retry[job.queue], id))
  if not listed then
    if not foreign_may_have_it() then return requeue() end
    return word == 'deployed' and 'foreign-deployed' or 'nothing'
  end
  if job.missing ~= 0 then redis.call('HSET', K.job .. id, 'missing', 0) end
end
redis.call(job.standing == 'ended' and 'SREM' or 'SADD', K.unfinished, id)
if word ~= word_of(job) then
  put_status()
  return 'status-rewritten'
end
return 'nothing'
