-- What the wait of a job in the build queue depends on. ARGV: id. Empty when it does not wait there, or further back than
-- fairness looks; else its place among those that wait, their groups as small numbers, group and time so far of each that
-- runs, and how long the last ones took.
local WINDOW = 512
local id, now = ARGV[1], clock()
local numbers, groups = {}, 0

local function group_number(of)
  local group = redis.pcall('HGET', K.job .. of, 'group')
  if type(group) ~= 'string' then group = '' end
  if numbers[group] == nil then
    numbers[group] = groups
    groups = groups + 1
  end
  return numbers[group]
end

local waiting, place, seen = {}, nil, {}
local window = redis.call('LRANGE', K.list.build, -WINDOW, -1)
for at = #window, 1, -1 do
  local element = window[at]
  if is_id(element) and not seen[element] then
    seen[element] = true
    if element == id then place = #waiting end
    waiting[#waiting + 1] = group_number(element)
  end
end
if place == nil then return {} end

local running = {}
for _, held in ipairs(redis.call('ZRANGE', K.leases.build, 0, -1)) do
  local job = read_job(held)
  if job and job.standing == 'held' then
    running[#running + 1] = group_number(held)
    running[#running + 1] = string.format('%.0f', math.max(now - job.since, 0))
  end
end
local lasted = redis.pcall('LRANGE', K.lasted, 0, -1)
if is_error(lasted) then lasted = {} end
return { tostring(place), table.concat(waiting, ' '), table.concat(running, ' '), table.concat(lasted, ' ') }
