-- What is stored comes back byte for byte, with all that is known of it.
local sid = Session.create { name = "files" }
local text = Artifact.store(sid, "tool_result", "a.json", '{"x":1}', { tags = { "demo" }, step = 2, description = "first" })
local bytes = Artifact.store(sid, "UserInput", "blob", "\0\255\1")
local table_ = Artifact.store(sid, "notes", { list = { 1, 2 } }, { mime_type = "application/x-notes" })
local own = Artifact.store(sid, "My Chart", "chart", ("line\n"):rep(5000), { parent_artifact = text })
local again = Artifact.store(sid, "tool_result", "a.json", "{}")
local function seen(artifact)
  local m = artifact.metadata
  return {
    name = m.name, type = m.artifact_type, mime = m.mime_type, size = m.size, original = m.original_size,
    compressed = m.is_compressed, smaller = m.stored_size < m.size, version = m.version, sequence = m.sequence,
    tags = JSON.array(m.tags), custom = m.custom, description = m.description, by = m.created_by,
    parent = m.parent_artifact and m.parent_artifact.sequence,
    same = m.id.content_hash == m.content_hash and m.session_id == sid and artifact.name == m.name
      and artifact.id.sequence == m.sequence,
    at = m.created_at:match("^%d%d%d%d%-%d%d%-%d%dT.*Z$") ~= nil,
  }
end
local got = Artifact.get(sid, text)
local list = Artifact.list(sid)
local names = {}
for i, m in ipairs(list) do names[i] = m.name .. " " .. m.version end
return {
  id = { hash = #text.content_hash, own = text.session_id == sid, sequence = text.sequence },
  content = got.content,
  text = seen(got),
  bytes = { seen = seen(Artifact.get(sid, bytes)), size = #Artifact.get_content(sid, bytes), exact = Artifact.get_content(sid, bytes) == "\0\255\1" },
  table_ = { seen = seen(Artifact.get(sid, table_)), content = Artifact.get_content(sid, table_) },
  own = seen(Artifact.get(sid, own)),
  by_hash = Artifact.get_content(sid, text.content_hash),
  by_metadata = Artifact.get_content(sid, list[1]),
  by_artifact = Artifact.get_content(sid, got),
  names = names,
  versions = #Artifact.versions(sid, "a.json"),
  newest = Artifact.get_content(sid, again),
  filtered = { #Artifact.list(sid, { artifact_type = "ToolResult" }), #Artifact.list(sid, { tags = { "demo" } }), #Artifact.list(sid, { tags = { "x" } }) },
}
