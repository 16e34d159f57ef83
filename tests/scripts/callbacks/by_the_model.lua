-- An agent's model calls the script's functions; what they return goes back to the model.
local asked
local agent = Agent.create {
  name = "clerk",
  model = "mock/any",
  settings = { responses = { { tool_calls = { { name = "stock", arguments = { item = "nuts" } } } }, "There are 7." } },
  tools = { {
    name = "stock",
    description = "Counts an item",
    parameters = { { name = "item", type = "string", required = true } },
    execute = function(p) asked = p.item; return 7 end,
  } },
}
local answer = agent:execute("How many nuts?")
local call = answer.tool_calls[1]
return { asked = asked, text = answer.text, call = { call.name, call.arguments.item, call.result, call.success } }
