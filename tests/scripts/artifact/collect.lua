-- Long answers become artifacts unasked, and the collecting hooks keep results and failures.
local sid = Session.create()
Session.set_current(sid)
local ann = Agent.create { name = "ann", model = "mock/echo" }
local long = ann:execute(("word "):rep(1000))
local short = ann:execute("short")
local auto = Artifact.get(sid, long.metadata.artifacts[1])
Hook.enable_builtin("ToolResultCollector", { min_size = 5, auto_tags = { "mine" } })
Hook.enable_builtin("AgentOutputCollector", { min_size = 5, max_size = 100, collect_errors = false })
Tool.text_manipulator { operation = "uppercase", input = "hello world" }
Tool.calculator { input = "1" }
Tool.calculator { input = "1 / 0" }
ann:execute("a few words")
ann:execute(("many words "):rep(50))
local collected = {}
for i, m in ipairs(Artifact.query { session_id = sid, type = "tool_result" }) do
  collected[i] = { by = m.created_by, tags = JSON.array(m.tags), mime = m.mime_type, success = m.custom.success, content = m.size < 20 and Artifact.get_content(sid, m) or "long" }
end
local answers = {}
for i, m in ipairs(Artifact.query { session_id = sid, tags = { "auto-collected" } }) do answers[i] = Artifact.get_content(sid, m) end
local ok, wrong = pcall(Hook.enable_builtin, "ToolResultCollector", { sampling_rate = 2 })
local never = Session.create { config = { auto_collect_artifacts = false } }
Session.set_current(never)
local other = ann:execute(("word "):rep(1000))
return {
  auto = { name = (auto.name:gsub("%-.*", "-ID")), type = auto.artifact_type, by = auto.created_by, same = auto.content == long.text },
  short = short.metadata.artifacts == nil,
  collected = collected,
  answers = answers,
  wrong = wrong.kind,
  never = { other.metadata.artifacts == nil, #Artifact.list(never, { tags = {} }) },
}
