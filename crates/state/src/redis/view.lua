-- One job as it stands. ARGV: id. Empty for an unknown or damaged one.
local id = ARGV[1]
local job = read_job(id)
if job == nil then return {} end
local place = -1
if job.standing == 'waiting' then
  local list = K.list[job.queue]
  local from_left = redis.call('LPOS', list, id, 'RANK', -1)
  if from_left then place = redis.call('LLEN', list) - from_left end
end
local plan = redis.pcall('HGET', K.job .. id, 'plan')
if type(plan) ~= 'string' then plan = '' end
return { word_of(job), job.queue, job.standing, job.phase, tostring(job.attempt), tostring(job.intake_fence),
  tostring(job.build_fence), tostring(job.source_claim), job.owner, tostring(job.cancel), job.group, job.phases,
  string.format('%.0f', job.phases_over), tostring(place), plan }
