-- One job as a hash: reading it, telling a damaged one, writing what changed.
-- K (names), R (rules) and clock() come before this text.

local FINAL = { deployed = true, failed = true, cancelled = true }
local WORDS = { uploading = true, uploaded = true, building = true, deployed = true, failed = true, cancelled = true }
local NUMBERS = { 'attempt', 'deliveries', 'intake_fence', 'build_fence', 'source_claim', 'cancel', 'deadline',
  'since', 'lease', 'due', 'log_seq', 'adopted', 'missing', 'phases_over', 'number' }
local TEXTS = { 'queue', 'phase', 'owner', 'nonce', 'released', 'word', 'by', 'final', 'digest', 'group', 'phases' }

local function is_error(reply)
  return type(reply) == 'table' and reply.err ~= nil
end

local function new_job(queue, now)
  local job = {}
  for _, name in ipairs(NUMBERS) do job[name] = 0 end
  for _, name in ipairs(TEXTS) do job[name] = '' end
  job.queue, job.standing, job.phase = queue, 'waiting', 'queued'
  job.deadline = now + R.queue_timeout
  return job
end

local function copy(job)
  local other = {}
  for name, value in pairs(job) do other[name] = value end
  return other
end

-- Where the job stands; nil when its fields contradict each other.
local function standing_of(state, job)
  if FINAL[state] then
    job.final = state
    return 'ended'
  elseif state == 'settling' then
    return FINAL[job.final] and WORDS[job.word] and 'settling' or nil
  elseif state == 'building' then
    return job.queue == 'build' and job.owner ~= '' and 'held' or nil
  elseif (state == 'uploading' and job.queue == 'intake') or (state == 'uploaded' and job.queue == 'build') then
    if job.owner ~= '' then return state == 'uploading' and 'held' or nil end
    return job.due > 0 and 'resting' or 'waiting'
  end
  return nil
end

-- A field that the version which wrote the job did not know counts as 0; anything but digits is damage.
local function number_of(value)
  if value == false then return 0 end
  if #value > 15 or not string.match(value, '^%d+$') then return nil end
  return tonumber(value)
end

-- The job, or nil; the second value says that something is there that cannot be read.
local function read_job(id)
  local names = { 'state' }
  for _, name in ipairs(NUMBERS) do names[#names + 1] = name end
  for _, name in ipairs(TEXTS) do names[#names + 1] = name end
  local values = redis.pcall('HMGET', K.job .. id, unpack(names))
  if is_error(values) then return nil, true end
  local job, any = {}, false
  for place, name in ipairs(names) do
    any = any or values[place] ~= false
    job[name] = values[place]
  end
  if not any then return nil, false end
  for _, name in ipairs(NUMBERS) do
    job[name] = number_of(job[name])
    if job[name] == nil then return nil, true end
  end
  for _, name in ipairs(TEXTS) do job[name] = job[name] or '' end
  job.standing = standing_of(job.state, job)
  if job.standing == nil then return nil, true end
  return job, false
end

-- The word on the wire.
local function word_of(job)
  if job.standing == 'ended' then return job.final end
  if job.standing == 'settling' then return job.word end
  if job.queue == 'intake' then return 'uploading' end
  return job.standing == 'held' and 'building' or 'uploaded'
end

local function state_of(job)
  return job.standing == 'settling' and 'settling' or word_of(job)
end

local function fence_of(job)
  return job.queue == 'intake' and job.intake_fence or job.build_fence
end

local function is_waiting(job)
  return job.standing == 'waiting' or job.standing == 'resting'
end

local function save_job(id, before, after)
  local changed = {}
  local function set(name, value)
    changed[#changed + 1] = name
    changed[#changed + 1] = value
  end
  if before == nil or state_of(before) ~= state_of(after) then set('state', state_of(after)) end
  for _, name in ipairs(NUMBERS) do
    if before == nil or before[name] ~= after[name] then set(name, after[name]) end
  end
  for _, name in ipairs(TEXTS) do
    if before == nil or before[name] ~= after[name] then set(name, after[name]) end
  end
  if #changed > 0 then redis.call('HSET', K.job .. id, unpack(changed)) end
end

-- The jobs among these ids that can be read, newest first: given back to the front in this order, the oldest is next.
-- The second list has the ids that cannot be read or are gone.
local function newest_first(ids)
  local jobs, rest = {}, {}
  for _, id in ipairs(ids) do
    local job, damaged = read_job(id)
    if job then
      job.id = id
      jobs[#jobs + 1] = job
    else
      rest[#rest + 1] = { id = id, damaged = damaged }
    end
  end
  table.sort(jobs, function(one, other)
    if one.number ~= other.number then return one.number > other.number end
    return one.id > other.id
  end)
  return jobs, rest
end
