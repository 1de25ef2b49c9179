-- Gives back what is in this worker's name and not in its hands. ARGV: queue, worker, ids in hands…
local queue, worker, now = ARGV[1], ARGV[2], clock()
local in_hands, swept = {}, 0
for place = 3, #ARGV do in_hands[ARGV[place]] = true end
local key = K.taken .. queue .. ':' .. worker
local jobs, gone = newest_first(redis.call('SMEMBERS', key))
for _, stray in ipairs(gone) do redis.call('SREM', key, stray.id) end
for _, job in ipairs(jobs) do
  local mine = job.standing == 'held' and job.owner == worker and job.queue == queue
  if not mine then
    redis.call('SREM', key, job.id)
  elseif not in_hands[job.id] and now - job.since >= R.sweep_age then
    local event = { event = 'sweep', queue = queue, worker = worker, number = fence_of(job) }
    local after = apply(job, event, now)
    if after then
      commit(job.id, job, after, now, {})
      swept = swept + 1
    end
  end
end
return swept
