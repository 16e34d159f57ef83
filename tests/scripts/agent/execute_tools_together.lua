-- The tool calls of one turn run at the same time; their results keep the order of the calls.
local arrived, ended = 0, {}
local meet = {
  name = "meet",
  parameters = { { name = "n", type = "integer", required = true } },
  execute = function(params)
    arrived = arrived + 1
    -- Nobody goes on before all three are here, and then the last one first.
    while arrived < 3 or #ended < 3 - params.n do
      Utils.sleep(0.001)
    end
    ended[#ended + 1] = params.n
    return params.n
  end,
}
local function call(n)
  return { name = "meet", arguments = { n = n } }
end
local agent = Agent.create {
  model = "mock/script", tools = { meet },
  settings = { responses = { { tool_calls = { call(1), call(2), call(3) } }, "done" } },
}
local results = {}
for index, made in ipairs(agent:execute("go").tool_calls) do
  results[index] = made.result
end
local said = agent:get_conversation()
return { ended = ended, results = results, told = { said[3].content, said[4].content, said[5].content } }
