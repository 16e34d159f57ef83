-- limit: a count, size or budget is used up; the details say which one.
local again = { tool_calls = { { name = "calculator", arguments = { input = "1+1" } } } }
local agent = Agent.create {
  name = "ann", model = "mock/any", tools = { "calculator" },
  settings = { responses = { again, again, again } }, resource_limits = { max_turns = 2 },
}
local ok, raised = pcall(agent.execute, agent, "count")
return {
  ok = ok,
  kind = raised.kind,
  message = raised.message,
  hints = raised.hints,
  limit = raised.details.limit,
  value = raised.details.value,
}
