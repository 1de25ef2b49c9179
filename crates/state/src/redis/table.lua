-- The transition table: what crates/types/src/job says, event by event. A model test compares the two.
-- A step changes `job` and returns nothing, or returns why it refuses.

local PHASES = { queued = 0, cloning = 1, snapshotting = 2, retrying = 3, preparing = 4, restoring = 5,
  installing = 6, building = 7, collecting = 8, storing = 9, publishing = 10 }

local function holds(job, event)
  return job.standing == 'held' and job.owner == event.worker and job.queue == event.queue
    and fence_of(job) == event.number
end

local function used_up(job)
  return job.attempt >= R.attempts or job.deliveries >= R.deliveries
end

local function name_of(event)
  return event.queue .. ' ' .. event.worker .. ' ' .. event.number
end

local function drop_hold(job)
  job.owner, job.nonce, job.since, job.lease = '', '', 0, 0
end

local function give_back(job, now)
  drop_hold(job)
  job.standing, job.phase, job.due = 'waiting', 'queued', 0
  job.deadline = now + R.queue_timeout
end

local STEPS = {}

function STEPS.queue_intake() end

function STEPS.queue_build() end

function STEPS.claim(job, event, now)
  if job.standing ~= 'waiting' then return 'not-waiting' end
  if job.cancel == 1 then return 'cancelled' end
  if job.queue == 'intake' then
    job.intake_fence, job.phase, job.deadline = job.intake_fence + 1, 'cloning', now + R.intake_deadline
  else
    job.build_fence, job.phase, job.deadline = job.build_fence + 1, 'preparing', now + R.build_deadline
  end
  job.standing, job.owner, job.nonce = 'held', event.worker, event.nonce
  job.since, job.lease = now, now + R.lease
  job.attempt, job.deliveries = job.attempt + 1, job.deliveries + 1
end

function STEPS.heartbeat(job, event, now)
  if not holds(job, event) then return 'lease-lost' end
  if job.deadline <= now then return 'deadline-passed' end
  job.lease = math.min(now + R.lease, job.deadline)
end

function STEPS.enter_phase(job, event)
  if not holds(job, event) then return 'lease-lost' end
  if PHASES[event.phase] > (PHASES[job.phase] or 0) then job.phase = event.phase end
end

function STEPS.source_ready(job, event, now)
  if event.queue == 'intake' and job.source_claim == event.number then return end
  if not holds(job, event) or event.queue ~= 'intake' then return 'lease-lost' end
  if job.cancel == 1 then return 'cancelled' end
  give_back(job, now)
  job.queue, job.source_claim, job.attempt, job.deliveries, job.released = 'build', event.number, 0, 0, ''
end

function STEPS.drain(job, event, now)
  if job.released == name_of(event) then return end
  if not holds(job, event) then return 'lease-lost' end
  give_back(job, now)
  job.attempt, job.deliveries = math.max(job.attempt - 1, 0), math.max(job.deliveries - 1, 0)
  job.released = name_of(event)
end

function STEPS.platform_fault(job, event, now)
  if job.released == name_of(event) then return end
  if not holds(job, event) then return 'lease-lost' end
  if used_up(job) then return 'attempts-used-up' end
  give_back(job, now)
  job.standing, job.due, job.phase = 'resting', now + event.rest, 'retrying'
  job.released = name_of(event)
end

function STEPS.reap(job, event, now)
  if job.standing ~= 'held' or job.lease > now or fence_of(job) ~= event.number then return 'not-expired' end
  if job.cancel == 1 then return 'cancelled' end
  if job.deadline <= now then return 'deadline-passed' end
  if used_up(job) then return 'attempts-used-up' end
  give_back(job, now)
end

function STEPS.sweep(job, event, now)
  if not holds(job, event) then return 'lease-lost' end
  if job.deliveries >= R.deliveries then
    job.lease, job.attempt = math.min(now, job.lease), math.max(job.attempt, R.attempts)
    return
  end
  give_back(job, now)
  job.attempt, job.released = math.max(job.attempt - 1, 0), name_of(event)
end

local function may_decide(job, event, now)
  if event.decider == 'holder' then return holds(job, event) and 'yes' or 'lease-lost' end
  local allowed = false
  if event.decider == 'canceller' then
    allowed = is_waiting(job) and job.cancel == 1
  elseif event.decider == 'queue-timeout' then
    allowed = is_waiting(job) and job.deadline <= now
  elseif event.decider == 'foreign' or event.decider == 'superseder' then
    allowed = is_waiting(job)
  elseif event.decider == 'reaper' then
    local nothing_left = job.cancel == 1 or job.deadline <= now or used_up(job)
    allowed = job.standing == 'held' and job.lease <= now and nothing_left
      and job.queue == event.queue and fence_of(job) == event.number
  end
  return allowed and 'yes' or 'too-late'
end

function STEPS.decide(job, event, now)
  if job.standing == 'settling' or job.standing == 'ended' then
    local same = job.by == event.by and job.final == event.state and job.digest == event.digest
    if same then return end
    return 'already-decided'
  end
  local answer = may_decide(job, event, now)
  if answer ~= 'yes' then return answer end
  if job.cancel == 1 and event.state ~= 'cancelled' then return 'cancelled' end
  job.word = word_of(job)
  drop_hold(job)
  job.standing, job.final, job.by, job.digest, job.due = 'settling', event.state, event.by, event.digest, 0
  if event.state == 'deployed' then job.phase = 'publishing' end
end

function STEPS.settle(job)
  if job.standing == 'ended' then return 'ended ' .. job.final end
  if job.standing ~= 'settling' then return 'not-decided' end
  job.standing, job.word = 'ended', ''
end

function STEPS.request_cancel(job)
  if job.standing == 'settling' then return 'too-late' end
  if job.standing == 'ended' then return 'ended ' .. job.final end
  job.cancel = 1
end

function STEPS.promote(job, _, now)
  if job.standing ~= 'resting' or job.due > now then return 'not-waiting' end
  job.standing, job.due, job.phase = 'waiting', 0, 'queued'
end

function STEPS.restore(job, event)
  local ends = event.as == 'terminal' and job.standing ~= 'ended'
  if job.standing == 'held' and not ends then return end
  job.adopted = 0 -- somebody looked into the store for it
  job.intake_fence = math.max(job.intake_fence, event.intake_fence)
  job.build_fence = math.max(job.build_fence, event.build_fence)
  if job.queue == 'build' and job.source_claim == 0 then job.source_claim = event.source_claim end
  if ends then
    drop_hold(job)
    job.standing, job.final, job.by, job.digest, job.due = 'ended', event.state, 'store', '', 0
  end
end

local BIRTHS = {}

function BIRTHS.queue_intake(_, now)
  return new_job('intake', now)
end

function BIRTHS.queue_build(event, now)
  local job = new_job('build', now)
  job.source_claim, job.intake_fence = event.source_claim, event.source_claim
  return job
end

function BIRTHS.restore(event, now)
  local job = new_job(event.queue, now)
  job.intake_fence, job.build_fence, job.source_claim = event.intake_fence, event.build_fence, event.source_claim
  job.attempt = math.min(event.attempt, math.max(R.attempts - 1, 0))
  if event.as == 'terminal' then
    job.standing, job.final, job.by = 'ended', event.state, 'store'
  elseif event.as == 'last-claim' then
    local due = math.max(math.min(event.at, now) + 2 * R.lease, now + R.lease)
    job.standing, job.due, job.phase = 'resting', due, 'retrying'
  end
  return job
end

-- What the job becomes, or nil and why not.
local function apply(job, event, now)
  if job == nil then
    local birth = BIRTHS[event.event]
    if birth == nil then return nil, 'unknown' end
    return birth(event, now)
  end
  local after = copy(job)
  local refusal = STEPS[event.event](after, event, now)
  if refusal then return nil, refusal end
  return after
end
