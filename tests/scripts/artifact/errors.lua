-- What cannot be stored or read says why.
local function refused(f, ...)
  local ok, e = pcall(f, ...)
  return ok and "no error" or { kind = e.kind, message = (e.message:gsub("%x%x%x%x%x%x%x%x%-[%x%-]+", "ID"):gsub("'/.*/", "'")), op = e.op }
end
local none = { refused(Artifact.store, nil, "notes", "a", "x"), refused(Artifact.store, "", "notes", "a", "x"), refused(Artifact.list) }
local sid, other = Session.create(), Session.create()
local id = Artifact.store(sid, "notes", "a", "x")
Session.suspend(other)
local result = {
  none = none,
  arguments = {
    refused(Artifact.store, sid, "", "a", "x"),
    refused(Artifact.store, sid, "notes", "", "x"),
    refused(Artifact.store, sid, "notes", "a", 5),
    refused(Artifact.store, sid, "notes", "a"),
    refused(Artifact.store, sid, "notes", 5, "x"),
    refused(Artifact.store, sid, "notes", "a", "x", "y"),
    refused(Artifact.store, sid, "notes", "a", "x", { tags = { 1 } }),
    refused(Artifact.get, sid, 5),
    refused(Artifact.get, sid, { name = "a" }),
  },
  limits = {
    refused(Artifact.store, sid, "notes", ("n"):rep(256), "x"),
    refused(Artifact.store, sid, "notes", "a", "x", { tags = { ("t"):rep(65) } }),
    refused(Artifact.store, sid, "notes", "a", ("x"):rep(101)),
    refused(function() for n = 1, 3 do Artifact.store(sid, "notes", "n" .. n, "x") end end),
  },
  sessions = {
    refused(Artifact.store, "nowhere", "notes", "a", "x"),
    refused(Artifact.list, "nowhere"),
    refused(Artifact.store, other, "notes", "a", "x"),
  },
  access = {
    refused(Artifact.get, sid, "0123456789abcdef"),
    refused(Artifact.get, sid, { session_id = sid, sequence = 99, content_hash = id.content_hash }),
    refused(Artifact.get, other, id),
    refused(Artifact.get, other, id.content_hash),
    refused(Artifact.delete, other, id),
    refused(Artifact.grant, other, id, other, "read"),
    refused(Artifact.grant, sid, id, other, "own"),
    refused(Artifact.store_file, sid, "missing.txt"),
  },
}
Artifact.delete(sid, id)
result.gone = refused(Artifact.get, sid, id)
Session.complete(sid)
result.ended = { refused(Artifact.store, sid, "notes", "b", "x"), #Artifact.list(sid) }
return result
