-- Takes the oldest id of the group with the fewest running jobs. ARGV: queue, worker, nonce, and the one id that is
-- meant when it was popped before (`brpop`), else nothing. Answer: how many dead letters were written, and the claim.
local WINDOW, ROUNDS = 512, 16
local queue, worker, nonce, now = ARGV[1], ARGV[2], ARGV[3], clock()

local function reply(id, job)
  return { id, tostring(fence_of(job)), tostring(job.attempt), job.group, tostring(job.source_claim),
    tostring(job.log_seq + 1), tostring(job.adopted) }
end

-- The same request gets the same claim while it lives: no reply whose loss loses a job.
local function answered_before()
  for _, id in ipairs(redis.call('SMEMBERS', K.taken .. queue .. ':' .. worker)) do
    local job = read_job(id)
    if job and job.standing == 'held' and job.owner == worker and job.queue == queue and job.nonce == nonce then
      return reply(id, job)
    end
  end
end

local function running_by_group()
  local running = {}
  for _, id in ipairs(redis.call('ZRANGE', K.leases[queue], 0, -1)) do
    local group = redis.pcall('HGET', K.job .. id, 'group')
    if type(group) == 'string' then running[group] = (running[group] or 0) + 1 end
  end
  return running
end

-- An id that somebody else pushed. A final word in `status` is believed; intake needs a birth record.
local function adopted(id)
  if queue == 'intake' then
    dead_letter(id, 'unknown to intake', now)
    return nil
  end
  if FINAL[redis.call('HGET', K.status, id)] then return nil end
  local job = new_job('build', now)
  job.adopted = 1
  return job
end

-- The job of this element if it can be taken; nil if the element is to be dropped.
local function takeable(element)
  if not is_id(element) then
    dead_letter(element, why_no_id(element), now)
    return nil
  end
  local job, damaged = read_job(element)
  if damaged then
    heal(element, now)
    return nil
  end
  if job == nil then return adopted(element) end
  if job.queue == queue and job.standing == 'waiting' and job.cancel == 0 then return job end
  redis.call('HSET', K.status, element, word_of(job))
  return nil
end

local function take(id, job)
  local after = apply(job, { event = 'claim', worker = worker, nonce = nonce }, now)
  local before = redis.call('EXISTS', K.job .. id) == 1 and job or nil
  commit(id, before, after, now, { unlisted = true })
  return reply(id, after)
end

-- Whether this id cannot be better than the best one so far; cheaper than reading the whole job.
local function is_no_better(element, running, fewest)
  if fewest == nil or not is_id(element) then return false end
  local group = redis.pcall('HGET', K.job .. element, 'group')
  return type(group) == 'string' and (running[group] or 0) >= fewest
end

-- From the oldest on, until an id of a group that has nothing running is found.
local function look(running)
  local window = redis.call('LRANGE', K.list[queue], -WINDOW, -1)
  local count, useless, best, fewest = {}, {}, nil, nil
  local function consider(element)
    if is_no_better(element, running, fewest) then return end
    local job = takeable(element)
    if job == nil then
      useless[#useless + 1] = element
    elseif fewest == nil or (running[job.group] or 0) < fewest then
      best, fewest = { element, job }, running[job.group] or 0
    end
  end
  for place = #window, 1, -1 do
    local element = window[place]
    if count[element] == nil and fewest ~= 0 then consider(element) end
    count[element] = (count[element] or 0) + 1
  end
  for _, element in ipairs(useless) do redis.call('LREM', K.list[queue], -count[element], element) end
  if best then redis.call('LREM', K.list[queue], -count[best[1]], best[1]) end
  return best, #useless > 0
end

local function next_claim()
  local before = answered_before()
  if before then return before end
  if #ARGV > 3 then
    local job = takeable(ARGV[4])
    return job and take(ARGV[4], job) or {}
  end
  local running = running_by_group()
  for _ = 1, ROUNDS do
    local best, again = look(running)
    if best then return take(best[1], best[2]) end
    if not again then return {} end
  end
  return {}
end

local answer = next_claim()
table.insert(answer, 1, tostring(dead_now))
return answer
