-- Who is there. ARGV: empty to look; or worker, presence, milliseconds that it counts.
local now = clock()
if #ARGV > 0 then
  -- When it was heard goes before what it said, by the server's clock: the workers' own may differ.
  redis.call('HSET', K.worker_details, ARGV[1], string.format('%.0f ', now) .. ARGV[2])
  redis.call('ZADD', K.workers, now + tonumber(ARGV[3]), ARGV[1])
end
for _, gone in ipairs(redis.call('ZRANGEBYSCORE', K.workers, '-inf', now)) do
  redis.call('ZREM', K.workers, gone)
  redis.call('HDEL', K.worker_details, gone)
end
return redis.call('HVALS', K.worker_details)
