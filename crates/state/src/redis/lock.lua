-- Takes, renews or gives back a lock. ARGV: name, holder, milliseconds (0 gives it back).
local key, holder, span = K.lock .. ARGV[1], ARGV[2], tonumber(ARGV[3])
local owner = redis.call('GET', key)
if owner and owner ~= holder then return 0 end
if span == 0 then
  redis.call('DEL', key)
else
  redis.call('SET', key, holder, 'PX', span)
end
return 1
