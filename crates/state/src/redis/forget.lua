-- Forgets a job that has ended: nobody knows it from then on. ARGV: id. Answer: 0 when it has not ended.
local id = ARGV[1]
local job = read_job(id)
if job and job.standing ~= 'ended' then return 0 end
redis.call('ZREM', K.created .. 'all', id)
for word in pairs(WORDS) do redis.call('ZREM', K.created .. word, id) end
redis.call('HDEL', K.status, id)
redis.call('SREM', K.unfinished, id)
redis.call('DEL', K.job .. id, K.log .. id, K.children .. id)
if job then
  add_event(id, 'deleted', job, 'deleted')
  wake('job:' .. id)
end
return 1
