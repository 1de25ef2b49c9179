-- Puts jobs whose rest is over back to the front of their queues.
local SLICE = 100
local now, promoted = clock(), 0
for _, queue in ipairs({ 'intake', 'build' }) do
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', K.retry[queue], '-inf', now, 'LIMIT', 0, SLICE)) do
    local job = read_job(id)
    local after = job and job.queue == queue and apply(job, { event = 'promote' }, now) or nil
    if after then
      commit(id, job, after, now, {})
      promoted = promoted + 1
    else
      redis.call('ZREM', K.retry[queue], id)
    end
  end
end
return promoted
