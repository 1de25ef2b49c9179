-- Reserves an idempotency key, or says who has it. ARGV: key, what to keep there, milliseconds.
local key = K.reserved .. ARGV[1]
local kept = redis.pcall('GET', key)
if type(kept) == 'string' then return kept end
redis.call('SET', key, ARGV[2], 'PX', ARGV[3])
return ARGV[2]
