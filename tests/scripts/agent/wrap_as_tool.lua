-- An agent becomes a tool that anybody may call, other agents included.
local raised = require("lib.raised")
Agent.create { name = "echo", model = "mock/echo" }
local name = Agent.wrap_as_tool("echo")
local other = Agent.wrap_as_tool("echo", { tool_name = "parrot", description = "Repeats what it hears" })
local outputs = {}
for _, key in ipairs { "text", "prompt", "input", "query" } do
  local result = Tool.invoke(name, { [key] = "hi", parameters = { n = 1 } })
  outputs[key] = { result.output, result.data == result.output }
end
local boss = Agent.create { model = "mock/tools", tools = { "parrot" } }
return {
  names = { name, other },
  outputs = outputs,
  is_listed = #Tool.discover { tag = "repeats what" } == 1,
  called_by_agent = boss:execute('parrot {"text": "hello"}').text,
  twice = raised(Agent.wrap_as_tool, "echo"),
  unknown = raised(Agent.wrap_as_tool, "nobody"),
}
