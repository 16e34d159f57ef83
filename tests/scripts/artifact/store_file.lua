-- Files of the sandbox become artifacts, named after the file.
local base = "/tmp/llmspell" .. Tool.uuid_generator {}.output:gsub("-", "")
Tool.file_operations { operation = "write", path = base .. "/notes.md", input = "# notes\n" }
Tool.file_operations { operation = "write", path = base .. "/page", input = "<!DOCTYPE html><p>hi" }
local sid = Session.create()
local id = Artifact.store_file(sid, base .. "/notes.md")
local page = Artifact.store_file(sid, base .. "/page", "AgentOutput", { tags = { "web" }, from = "test" })
local function seen(id)
  local a = Artifact.get(sid, id)
  return { name = a.name, type = a.artifact_type, mime = a.mime_type, content = a.content, custom = a.custom, tags = JSON.array(a.tags), sequence = a.sequence }
end
local ok, outside = pcall(Artifact.store_file, sid, "/etc/passwd")
local result = { notes = seen(id), page = seen(page), outside = outside.kind }
Tool.file_operations { operation = "delete", path = base, recursive = true }
result.kept = Artifact.get_content(sid, id)
result.gone = select(2, pcall(Artifact.store_file, sid, base .. "/notes.md")).kind
return result
