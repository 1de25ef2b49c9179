-- Puts jobs whose rest is over back to the front of their queues.
local SLICE = 100
local now, promoted = clock(), 0
for _, queue in ipairs({ 'intake', 'build' }) do
  local due = redis.call('ZRANGEBYSCORE', K.retry[queue], '-inf', now, 'LIMIT', 0, SLICE)
  local jobs, gone = newest_first(due)
  for _, stray in ipairs(gone) do redis.call('ZREM', K.retry[queue], stray.id) end
  for _, job in ipairs(jobs) do
    local after = job.queue == queue and apply(job, { event = 'promote' }, now) or nil
    if after then
      commit(job.id, job, after, now, {})
      promoted = promoted + 1
    else
      redis.call('ZREM', K.retry[queue], job.id)
    end
  end
end
return promoted
