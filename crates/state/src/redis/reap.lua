-- Looks for leases that are over: the first look makes a suspect, the second one acts. ARGV: '1' when the caller
-- could not reach Redis for a while. Flat answer: id, queue, claim, verdict, id, …
local SLICE = 100
local now, found = clock(), {}

-- After an absence nobody is reaped for two leases, for nobody could renew one. A server that restarted knows it.
local function holders_get_time()
  local run = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)') or ''
  local before = redis.call('GET', K.run_id)
  if before ~= run then redis.call('SET', K.run_id, run) end
  if ARGV[1] == '1' or (before and before ~= run) then
    redis.call('SET', K.no_reaping_before, string.format('%.0f', now + 2 * R.lease))
    redis.call('DEL', K.suspects)
  end
  return now < tonumber(redis.call('GET', K.no_reaping_before) or '0')
end

local function report(id, queue, fence, verdict)
  for _, value in ipairs({ id, queue, tostring(fence), verdict }) do found[#found + 1] = value end
end

local function seen_twice(id, fence)
  local suspect = redis.call('HGET', K.suspects, id)
  local seen_fence, since = string.match(suspect or '', '^(%d+):(%d+)$')
  if tonumber(seen_fence) == fence then return now - tonumber(since) >= R.second_look end
  redis.call('HSET', K.suspects, id, string.format('%.0f:%.0f', fence, now))
  return false
end

local function forget(queue, id)
  redis.call('ZREM', K.leases[queue], id)
  redis.call('HDEL', K.suspects, id)
end

local function look_at(queue, job)
  if job.standing ~= 'held' or job.queue ~= queue then return forget(queue, job.id) end
  local fence = fence_of(job)
  if job.lease > now or not seen_twice(job.id, fence) then return end
  local after, refusal = apply(job, { event = 'reap', number = fence }, now)
  if after then commit(job.id, job, after, now, {}) end
  report(job.id, queue, fence, after and 'given-back' or refusal)
end

if holders_get_time() then return found end
for _, queue in ipairs({ 'intake', 'build' }) do
  local over = redis.call('ZRANGEBYSCORE', K.leases[queue], '-inf', now, 'LIMIT', 0, SLICE)
  local jobs, gone = newest_first(over)
  for _, stray in ipairs(gone) do
    if stray.damaged then heal(stray.id, now) else forget(queue, stray.id) end
  end
  for _, job in ipairs(jobs) do look_at(queue, job) end
end
-- Outcomes that were decided a lease ago and not settled; each is pointed out once a lease.
for _, id in ipairs(redis.call('ZRANGEBYSCORE', K.settling, '-inf', now - R.lease, 'LIMIT', 0, SLICE)) do
  local job = read_job(id)
  if job and job.standing == 'settling' then
    redis.call('ZADD', K.settling, now, id)
    report(id, job.queue, math.max(fence_of(job), 1), 'needs-settling')
  else
    redis.call('ZREM', K.settling, id)
  end
end
return found
