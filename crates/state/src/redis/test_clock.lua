-- In tests: Redis's own time, moved forward by what the test says.
local function clock()
  local time = redis.call('TIME')
  local moved = tonumber(redis.call('GET', K.test_clock) or '0')
  return tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000) + moved
end
