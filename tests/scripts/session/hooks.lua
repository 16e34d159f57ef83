-- Each hook point about sessions is called once, with the session's data; a veto leaves the session as it is.
local seen, watch_data = {}
local function watch(point)
  return Hook.register(point, function(ctx)
    local data = ctx.data
    seen[#seen + 1] = point .. " " .. data.action .. " " .. data.session_status
    if data.session_name == "stubborn" and data.custom_metadata.no == data.action then
      return { type = "cancel", reason = "not " .. data.action }
    end
    watch_data = data
  end)
end
for _, point in ipairs { "SessionStart", "SessionEnd", "SessionCheckpoint", "SessionRestore", "SessionSave" } do watch(point) end
local id = Session.create { name = "watched", tags = { "t" }, metadata = { team = "blue" } }
Session.save(id)
Session.suspend(id)
Session.resume(id)
Session.load(id)
local before = #seen
Session.suspend(id) Session.suspend(id)
local once = #seen - before
Session.complete(id)
local data = watch_data
local failing = Session.create() Session.fail(failing)
local deleted = Session.create() Session.delete(deleted)
Session.delete(deleted)
local quiet = Session.create { config = { hook_config = { on_start = false, on_end = false, on_suspend = false, on_resume = false } } }
local said = #seen
Session.suspend(quiet) Session.resume(quiet) Session.complete(quiet)
local silent = #seen == said
local function refused(action, f)
  local id = Session.create { name = "stubborn", metadata = { no = action } }
  local ok, e = pcall(f, id)
  return { kind = not ok and e.kind, message = not ok and e.message, status = Session.get(id).status }
end
local ok, e = pcall(Session.create, { name = "stubborn", metadata = { no = "create" } })
return {
  seen = { table.unpack(seen, 1, said) }, once = once, silent = silent,
  data = {
    session_id = data.session_id == id, session_name = data.session_name, tags = data.tags, custom_metadata = data.custom_metadata,
    times = data.created_at <= data.updated_at, operations = data.performance_metrics.operation_count,
    artifacts = { data.performance_metrics.artifact_count, data.performance_metrics.total_artifact_size },
    took = data.performance_metrics.session_duration_ms >= 0 and data.performance_metrics.session_duration_seconds >= 0,
  },
  create = { kind = e.kind, message = e.message, none = #Session.list { search_text = "stubborn" } },
  suspend = refused("suspend", Session.suspend), save = refused("save", Session.save), load = refused("load", Session.load),
  complete = refused("complete", Session.complete),
}
