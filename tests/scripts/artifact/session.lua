-- A session counts its artifacts, exports them, has bounds of its own, and takes them along when it is deleted.
local function refused(f, ...)
  local ok, e = pcall(f, ...)
  return ok and "no error" or { kind = e.kind, message = e.message }
end
local sid = Session.create { config = { max_artifacts = 2, resource_limits = { max_storage_bytes = 20 } } }
local other = Session.create()
local id = Artifact.store(sid, "notes", "a", "same content")
local kept = Artifact.store(other, "notes", "b", "same content")
local result = {
  counted = { Session.get(sid).artifact_count, Session.stats(sid).artifact_count, Session.stats(sid).total_artifact_size },
  bytes = refused(Artifact.store, sid, "notes", "c", "123456789"),
}
Artifact.store(sid, "notes", "c", "12345678")
result.count = refused(Artifact.store, sid, "notes", "d", "")
Artifact.delete(sid, id)
result.less = { Session.get(sid).artifact_count, Session.stats(sid).total_artifact_size }
local plain, full = Session.export(sid), Session.export(sid, { include_artifacts = true })
result.exported = { plain.artifacts == nil or #plain.artifacts == 0, #full.artifacts, full.artifacts[1].content, full.artifacts[1].name }
Hook.register("custom:artifact:before_create", function() return { type = "cancel", reason = "no" } end)
local quiet = Session.create { config = { hook_config = { on_artifact_create = false } } }
result.hooks = { refused(Artifact.store, other, "notes", "x", "x"), type(Artifact.store(quiet, "notes", "x", "x")) }
Session.delete(sid)
result.deleted = { refused(Artifact.list, sid).kind, Artifact.get_content(other, kept), #Artifact.query { name_pattern = "c" } }
return result
