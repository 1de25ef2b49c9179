-- Lines from a number on, at most so many and about a MiB, and whether none comes after them.
-- ARGV: id, first number, most lines. Answer: 'open' or 'closed', then the lines.
local BATCH, BUDGET = 64, 1048576
local id, first, most = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local job = read_job(id)
local answer, bytes, from, finished = { 'open' }, 0, first .. '-0', false

local function take(entry)
  local is_ours = string.match(entry[1], '^%d+%-0$') and entry[2][1] == 'line'
  if is_ours then
    answer[#answer + 1] = entry[2][2]
    bytes = bytes + #entry[2][2]
  end
  from = '(' .. entry[1]
end

while not finished and #answer - 1 < most and bytes < BUDGET do
  local count = math.min(BATCH, most - (#answer - 1))
  local batch = redis.pcall('XRANGE', K.log .. id, from, '+', 'COUNT', count)
  if is_error(batch) then batch = {} end
  for _, entry in ipairs(batch) do take(entry) end
  finished = #batch < count
end
local over = job == nil or job.standing == 'settling' or job.standing == 'ended'
if over and finished then answer[1] = 'closed' end
return answer
