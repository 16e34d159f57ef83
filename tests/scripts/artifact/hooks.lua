-- Hooks see and stop what becomes of artifacts, and events tell of it.
local sid = Session.create()
local points, veto = {}, nil
for _, name in ipairs { "before_validate", "after_validate", "validation_failed", "before_create", "after_create", "before_modify", "after_modify", "before_delete", "after_delete", "derived", "accessed" } do
  Hook.register("custom:artifact:" .. name, function(ctx)
    points[#points + 1] = name .. " " .. ctx.data.artifact.name
    if name == veto then return { type = "cancel", reason = "not today" } end
    return "continue"
  end)
end
local heard = Event.subscribe({ "session.artifact.*", "artifact.*" })
local function seen()
  local was = points
  points = {}
  local told = {}
  while true do
    local e = Event.receive(heard, 0)
    if not e then break end
    told[#told + 1] = e.event_type
  end
  return { points = JSON.array(was), events = JSON.array(told) }
end
local function refused(f, ...)
  local ok, e = pcall(f, ...)
  return ok and "no error" or { kind = e.kind, message = e.message }
end
local result = {}
local id = Artifact.store(sid, "notes", "a", "1")
result.stored = seen()
Artifact.store(sid, "notes", "a", "2", { parent_artifact = id })
result.version = seen()
Artifact.get(sid, id)
result.read = seen()
refused(Artifact.store, sid, "notes", ("n"):rep(256), "x")
local failed = seen()
result.failed = { points = #failed.points, events = failed.events }
local other = Session.create()
Artifact.grant(sid, id, other, "read")
result.granted = seen()
veto = "before_create"
result.no_create = refused(Artifact.store, sid, "notes", "b", "x")
veto = "before_delete"
result.no_delete = refused(Artifact.delete, sid, id)
veto = nil
seen()
Artifact.delete(sid, id)
result.deleted = seen()
result.left = #Artifact.list(sid)
return result
