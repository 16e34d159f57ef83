-- The tool calls of one reply run at the same time; their results keep the order of the calls.
local open = 0
local function gate(name)
  return { name = name, description = "Waits for the other", execute = function()
    open = open + 1
    while open < 2 do Utils.sleep(0.001) end
    return name
  end }
end
local agent = Agent.create {
  name = "ann", model = "mock/any", tools = { gate("left"), gate("right") },
  settings = { responses = { { tool_calls = { { name = "left" }, { name = "right" } } }, "both are open" } },
}
local answer = agent:execute("Open both gates")
return { answer.text, answer.tool_calls[1].result, answer.tool_calls[2].result }
