-- The decided outcome while it is being settled. ARGV: id.
local job = read_job(ARGV[1])
if job == nil or job.standing ~= 'settling' then return {} end
local record = redis.call('HGET', K.job .. ARGV[1], 'outcome')
if not record then return {} end
return { job.final, record }
