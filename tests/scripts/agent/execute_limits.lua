-- Reaching one of the resource limits raises `limit`, and the conversation stays valid.
local again = { tool_calls = { { name = "calculator", arguments = { input = "1" } } } }
local function limited(limits)
  local agent = Agent.create {
    name = "busy", model = "mock/script", tools = { "calculator" }, resource_limits = limits,
    settings = { responses = { again, again, again, "done" } },
  }
  local success, err = pcall(agent.execute, agent, "go")
  local said = agent:get_conversation()
  return {
    last = #said > 0 and said[#said].role or "nobody",
    failure = not success and { kind = err.kind, message = err.message, details = { err.details.limit, err.details.what } } or nil,
  }
end
return {
  turns = limited { max_turns = 2 },
  tool_calls = limited { max_tool_calls = 1 },
  tokens = limited { max_tokens = 20 },
  enough = limited { max_turns = 4, max_tool_calls = 3 },
}
