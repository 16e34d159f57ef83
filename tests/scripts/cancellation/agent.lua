-- An execution ends at the agent's own limit. The conversation stays valid: the open tool call has a result.
local nap = { name = "nap", description = "Sleeps", execute = function() Utils.sleep(3600) end }
local agent = Agent.create {
  name = "ann", model = "mock/any", tools = { nap }, timeout_ms = 50,
  settings = { responses = { { tool_calls = { { name = "nap" } } }, "rested" } },
}
local ok, raised = pcall(agent.execute, agent, "Have a rest")
local roles = {}
for i, message in ipairs(agent:get_conversation()) do roles[i] = message.role end
return { ok = ok, kind = raised.kind, op = raised.op, roles = roles, state = agent:get_state() }
