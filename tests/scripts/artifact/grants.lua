-- Other sessions may use an artifact as far as its own session says.
local owner, other, third = Session.create(), Session.create(), Session.create()
local id = Artifact.store(owner, "notes", "shared", "secret plan")
local function may(f, ...)
  local ok, e = pcall(f, ...)
  return ok and "yes" or e.kind
end
local before = may(Artifact.get, other, id)
Artifact.grant(owner, id, other, "read")
local read = { may(Artifact.get, other, id), Artifact.get_content(other, id.content_hash), may(Artifact.get, third, id), may(Artifact.delete, other, id), may(Artifact.grant, other, id, third, "read") }
Artifact.grant(owner, id, other, "admin")
local admin = { may(Artifact.grant, other, id, third, "write"), may(Artifact.get, third, id), may(Artifact.revoke, third, id, other, "read") }
Artifact.revoke(owner, id, other, "admin")
local lowered = { may(Artifact.grant, other, id, third, "read"), may(Artifact.get, other, id) }
Artifact.revoke(owner, id, other)
local revoked = may(Artifact.get, other, id)
local deleted = { may(Artifact.delete, third, id), may(Artifact.get, owner, id) }
return {
  before = before, read = read, admin = admin, lowered = lowered, revoked = revoked, deleted = deleted,
  own = may(Artifact.grant, owner, Artifact.store(owner, "notes", "b", "x"), owner, "read"),
  unknown = may(Artifact.grant, owner, Artifact.store(owner, "notes", "c", "x"), "nowhere", "read"),
}
