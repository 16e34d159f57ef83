-- An export has the session, its numbers and all of its calls, in order; to a file as well.
local id = Session.create { name = "kept", metadata = { team = "blue" } }
Tool.calculator { input = "1 + 0" }
Artifact.store(id, "tool_result", "a.txt", "text")
Session.set_current(id)
Tool.calculator { input = "1 + 1" }
Agent.create({ name = "ann", model = "mock/echo" }):execute("hi")
Session.set_current(nil)
Tool.calculator { input = "1 + 2" }
local whole = Session.export(id)
local shown = {}
for i, call in ipairs(whole.operations) do
  shown[i] = { call.operation, call.status, call.sequence == i, call.parent_id ~= nil }
end
local first = whole.operations[1]
local path = "/tmp/llmspell" .. Tool.uuid_generator({}).output:gsub("%-", "") .. ".json"
local written = Session.export(id, { format = "json", path = path })
local read = JSON.parse(Tool.file_operations({ operation = "read", path = path }).output)
Tool.file_operations { operation = "delete", path = path }
local function failed(...)
  local _, e = pcall(Session.export, ...)
  return e.kind .. ": " .. e.message
end
return {
  session = { whole.session.id == id, whole.session.name, whole.session.custom_metadata.team, whole.session.status },
  stats = { whole.stats.operation_count, whole.stats.token_usage.total_tokens > 0 },
  calls = shown, arguments = first.arguments, result = first.result.output, took = first.duration_ms >= 0,
  artifacts = {
    whole.artifacts == nil, whole.session.artifact_count, whole.stats.total_artifact_size,
    Session.export(id, { include_artifacts = true }).artifacts[1].content,
  },
  read = { written == path, read.session.name, #read.operations },
  format = failed(id, { format = "xml" }), missing = failed("00000000-0000-4000-8000-000000000000"),
}
