-- Tools are names, tool tables, other agents, or functions of the spell; the last are private to the agent.
local helper = Agent.create { name = "helper", model = "mock/echo" }
local double = {
  name = "double",
  description = "Doubles n",
  parameters = { { name = "n", type = "integer", required = true } },
  execute = function(params)
    return params.n * 2
  end,
}
local agent = Agent.create {
  model = "mock/script",
  tools = { "uuid_generator", Tool.get("calculator"), helper, double },
  settings = { responses = { { tool_calls = {
    { name = "double", arguments = { n = 21 } },
    { name = "helper_tool", arguments = { prompt = "hello" } },
    { name = "calculator", arguments = { input = "6 * 7" } },
  } }, "done" } },
}
local results = {}
for index, call in ipairs(agent:execute("go").tool_calls) do
  results[index] = { call.name, call.result }
end
return { tools = agent:discover_tools(), results = results, is_private = not Tool.exists("double") }
