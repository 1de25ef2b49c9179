-- Keeps what the holder decided to do, for whoever looks while it lasts. ARGV: id, queue, worker, claim, plan.
local id = ARGV[1]
local job = read_job(id)
local holder = { queue = ARGV[2], worker = ARGV[3], number = tonumber(ARGV[4]) }
if job == nil or not holds(job, holder) then return 'lease-lost' end
redis.call('HSET', K.job .. id, 'plan', ARGV[5])
return 'ok'
