-- What a model does wrong is told to it, not raised: an unknown tool, text that is no JSON, unknown parameters.
local function call(name, arguments)
  return { tool_calls = { { name = name, arguments = arguments } } }
end
local agent = Agent.create {
  model = "mock/script",
  tools = { "calculator" },
  settings = { responses = {
    call("calculater", { input = "1" }),
    call("calculator", '{"input": '),
    call("calculator", { imput = "1" }),
    call("calculator", { input = "1 / 0" }),
    "done",
  } },
}
local answer = agent:execute("go")
local told = {}
for index, made in ipairs(answer.tool_calls) do
  told[index] = { success = made.success, error = made.result.error, kind = made.result.error_kind, hint = made.result.hint }
end
return { text = answer.text, turns = answer.turns, told = told }
