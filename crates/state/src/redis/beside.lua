-- The jobs that wait, in either queue or after a fault, and count as the same group as this one. ARGV: id.
local id = ARGV[1]
local job = read_job(id)
if job == nil then return {} end
local found, seen = {}, { [id] = true }

local function look(element)
  if seen[element] or not is_id(element) then return end
  seen[element] = true
  if redis.pcall('HGET', K.job .. element, 'group') ~= job.group then return end
  local other = read_job(element)
  if other and is_waiting(other) and other.cancel == 0 then found[#found + 1] = element end
end

for _, queue in ipairs({ 'intake', 'build' }) do
  for _, element in ipairs(redis.call('LRANGE', K.list[queue], 0, -1)) do look(element) end
  for _, element in ipairs(redis.call('ZRANGE', K.retry[queue], 0, -1)) do look(element) end
end
table.sort(found)
return found
