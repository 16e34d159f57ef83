-- Calls are made for the current session while it is active; it is cleared when it ends.
local function sum(n) for _ = 1, n do Tool.calculator { input = "1 + 1" } end end
local function count(id) return Session.stats(id).operation_count end
local none = Session.get_current() == nil
local id, other = Session.create(), Session.create()
sum(1)
Session.set_current(id)
local is_current = Session.get_current() == id
sum(2)
Event.publish("mine")
local one = { count(id), Session.get(id).operation_count, count(other) }
Session.suspend(id)
sum(4)
local suspended = { count(id), Session.get_current() == id }
Session.resume(id)
sum(1)
Session.set_current(other)
sum(1)
Session.set_current(id)
Tool.calculator { input = "1 / 0" }
local resumed = { count(id), count(other) }
Session.complete(id)
local cleared = Session.get_current() == nil
sum(1)
Session.set_current(id)
sum(1)
local over = { count(id), Session.get_current() == id }
Session.set_current(nil)
local stats = Session.stats(id)
local ok, e = pcall(Session.set_current, "00000000-0000-4000-8000-000000000000")
return {
  none = none, is_current = is_current, one = one, suspended = suspended, resumed = resumed, cleared = cleared, over = over,
  back = Session.get_current() == nil, unknown = not ok and e.kind,
  stats = {
    session_id = stats.session_id == id, status = stats.status, artifacts = { stats.artifact_count, stats.total_artifact_size },
    heard = stats.event_count >= 1, usage = stats.token_usage, took = stats.duration_ms >= 0,
    times = stats.created_at <= stats.updated_at,
  },
}
