-- Agents that call each other without end are stopped at `max_recursion_depth`; the model is told.
local deeper = { tool_calls = { { name = "deep_tool", arguments = { text = "deeper" } } } }
local agent = Agent.create {
  name = "deep", model = "mock/script", tools = "*",
  settings = { responses = { deeper, "up" } },
  resource_limits = { max_recursion_depth = 3 },
}
Agent.wrap_as_tool("deep")
local answer = agent:execute("go")
local refused = agent:get_conversation()[3].content
return {
  text = answer.text,
  levels = agent:get_metrics().requests_total,
  refused = { refused:match('"error_kind":"limit"') ~= nil, refused:match("max_recursion_depth") ~= nil },
}
