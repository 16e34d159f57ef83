-- Which sessions have calls that can be made again.
local empty, used, never = Session.create(), Session.create(), Session.create { config = { enable_replay = false } }
local hook = Hook.register("BeforeToolExecution", function() end)
for _, id in ipairs { used, never } do
  Session.set_current(id)
  Tool.calculator { input = "1 + 1" }
end
Session.set_current(nil)
Tool.calculator { input = "1 + 1" }
hook:unregister()
local function summary(id)
  local found = Session.get_replay_metadata(id)
  return {
    own = found.session_id == id and #found.correlation_id == 36, operations = found.total_operations, hooks = found.total_hooks,
    times = found.first_hook_timestamp ~= nil and found.first_hook_timestamp <= found.last_hook_timestamp, took = found.total_duration >= 0,
    can = found.can_replay,
  }
end
local list = Session.list_replayable()
local ok, e = pcall(Session.can_replay, "00000000-0000-4000-8000-000000000000")
return {
  can = { Session.can_replay(empty), Session.can_replay(used), Session.can_replay(never) },
  empty = summary(empty), used = summary(used), list = { #list, list[1] == used }, missing = not ok and e.kind,
}
