-- What nobody mends, of one job; nothing is changed. ARGV: id. Empty for an unknown one. Answer: attempts, deliveries,
-- newest build claim, since when it is known, and a word for each thing that is wrong.
local id, now = ARGV[1], clock()
local job, damaged = read_job(id)
if damaged then return { '0', '0', '0', '0', 'damaged' } end
if job == nil then return {} end
local since = string.match(job.phases, '^%a+:(%d+) ') or '0'
local found = { tostring(job.attempt), tostring(job.deliveries), tostring(job.build_fence), since }

local function note(is_wrong, word)
  if is_wrong then found[#found + 1] = word end
end

-- Whoever was away gets two leases before anybody is reaped.
local function is_long_over()
  local reaped_from = tonumber(redis.call('GET', K.no_reaping_before) or '0')
  return now - math.max(job.lease, reaped_from) > R.long_over
end

-- A consumer that is not ours may have what is in no list, counted from the first time that reconcile missed it.
local function foreign_may_have_it()
  return R.foreign_grace >= 0 and job.queue == 'build'
    and (job.missing == 0 or now - job.missing < R.foreign_grace + R.long_over)
end

local function is_listed()
  if job.standing == 'held' then return redis.call('ZSCORE', K.leases[job.queue], id) end
  if job.standing == 'settling' then return redis.call('ZSCORE', K.settling, id) end
  if job.standing == 'ended' or job.cancel == 1 or foreign_may_have_it() then return true end
  if job.standing == 'resting' then return redis.call('ZSCORE', K.retry[job.queue], id) end
  return redis.call('LPOS', K.list[job.queue], id)
end

note(job.attempt > R.attempts or job.deliveries > R.deliveries, 'too-often')
note(job.standing == 'held' and is_long_over(), 'lease-long-over')
note(not is_listed(), 'in-no-list')
return found
