-- MockProvider: agents answer from a file, which record_mode makes.
local file = "/tmp/llmspell" .. Tool.uuid_generator {}.output:gsub("-", "") .. "/answers.json"
Tool.file_operations { operation = "write", path = file, input = '[{"prompt": "hi", "response": "written"}, {"prompt": "two", "agent_name": "bob", "response": {"text": "of bob", "finish_reason": "made"}}]' }
local function ask(name, prompt)
  local agent = Agent.get(name) or Agent.create { name = name, model = "mock/echo" }
  local ok, r = pcall(agent.execute, agent, prompt)
  return ok and { r.text, r.finish_reason, r.turns } or { r.kind, (r.message:gsub(file, "FILE")) }
end
local function with(config, act)
  config.mock_file = file
  Hook.enable_builtin("MockProvider", config)
  local outcome = act()
  Hook.disable_builtin("MockProvider")
  return outcome
end
local strict = with({}, function() return { ask("ann", "hi"), ask("ann", "other") } end)
local real = with({ fallback_to_real = true }, function() return ask("ann", "other") end)
local by_name = with({ match_on = { "prompt", "agent_name" } }, function() return { ask("bob", "two"), ask("ann", "two") } end)
local off = with({ enabled = false }, function() return ask("ann", "hi") end)
local recorded = with({ record_mode = true }, function() return { ask("ann", "new"), ask("ann", "new") } end)
local answered = with({}, function() return ask("eve", "new") end)
local missing = select(2, pcall(Hook.enable_builtin, "MockProvider"))
Tool.file_operations { operation = "delete", path = file }
return { strict = strict, real = real, by_name = by_name, off = off, recorded = recorded, answered = answered, missing = { missing.kind, missing.message } }
