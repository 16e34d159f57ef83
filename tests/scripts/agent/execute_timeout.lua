-- An execution that takes longer than `timeout_ms` raises; every tool call in the conversation has a result all the same.
local raised = require("lib.raised")
local late = Agent.create {
  name = "late", model = "mock/script", timeout_ms = 50, settings = { responses = { { text = "late", delay_ms = 60000 } } },
}
local slow = {
  name = "slow",
  execute = function()
    Utils.sleep(60)
  end,
}
local patient = Agent.create {
  name = "patient", model = "mock/script", timeout_ms = 50, tools = { slow },
  settings = { responses = { { tool_calls = { { name = "slow" } } }, "done" } },
}
local function after(agent)
  local failure = raised(agent.execute, "go")
  local roles = JSON.array {}
  for index, message in ipairs(agent:get_conversation()) do
    roles[index] = message.role
  end
  return { failure = failure, roles = roles, state = agent:get_state() }
end
return { model = after(late), tool = after(patient) }
