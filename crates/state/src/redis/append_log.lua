-- Appends lines of the holder. ARGV: id, queue, worker, claim, then seq and line in turn.
local id, now = ARGV[1], clock()
local job = read_job(id)
local holder = { queue = ARGV[2], worker = ARGV[3], number = tonumber(ARGV[4]) }
if job == nil or not holds(job, holder) then return { 'lease-lost' } end
local after, missing = copy(job), nil
for place = 5, #ARGV, 2 do
  missing = append_line(id, after, tonumber(ARGV[place]), ARGV[place + 1])
  if missing then break end
end
save_job(id, job, after)
announce(id, job, after)
if missing then return { 'gap', tostring(missing) } end
return { 'ok' }
