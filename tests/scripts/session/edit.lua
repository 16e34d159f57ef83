-- Metadata is laid over what is there; three members are fields of the session; tags are added and removed.
local id = Session.create { metadata = { a = 1, b = { c = 2 } }, tags = { "one" } }
Session.update_metadata(id, { b = "new", d = { 1, 2 }, name = "called", description = "so" })
local first = Session.get(id)
Session.add_tags(id, { "two", "one", "three" })
local added = Session.get(id).tags
Session.remove_tags(id, { "one", "never" })
local removed = Session.get(id).tags
Session.complete(id)
Session.update_metadata(id, { tags = { "late" }, e = true })
local last = Session.get(id)
local function failed(f, ...)
  local _, e = pcall(f, ...)
  return e.kind .. ": " .. e.message
end
return {
  custom = first.custom_metadata, name = first.name, description = first.description,
  added = added, removed = removed, last = last.custom_metadata, tags = last.tags, status = last.status,
  changed = last.updated_at > last.created_at,
  long = failed(Session.add_tags, id, { ("x"):rep(65) }),
  no_table = failed(Session.update_metadata, id, { 1 }),
  no_text = failed(Session.update_metadata, id, { name = 5 }),
  missing = failed(Session.add_tags, "00000000-0000-4000-8000-000000000000", { "x" }),
}
