-- One event on one job. ARGV: id, event as JSON, group, record, line, its seq, time of
-- acceptance of a restored job.
local id, event, now = ARGV[1], cjson.decode(ARGV[2]), clock()
local before, damaged = read_job(id)
if damaged then
  heal(id, now)
  before = read_job(id)
end
local after, refusal = apply(before, event, now)
if after == nil then return { refusal } end
local restores_adopted = event.event == 'restore' and before ~= nil and before.adopted == 1
if before == nil or restores_adopted then after.group = ARGV[3] end
local extra = {}
if event.event == 'decide' then extra.record = ARGV[4] end
if ARGV[5] ~= '' then extra.line, extra.seq = ARGV[5], tonumber(ARGV[6]) end
extra.created = tonumber(ARGV[7])
commit(id, before, after, now, extra)
return { 'ok', tostring(after.cancel), after.standing }
