-- The model calls tools; their results are told to it, and the calls are listed in order.
local agent = Agent.create { model = "mock/tools", tools = { "calculator", "text_manipulator" } }
local answer = agent:execute([[
Call calculator {"input": "6 * 7"} and text_manipulator {"operation": "uppercase", "input": "abc"}.]])
local calls = {}
for index, call in ipairs(answer.tool_calls) do
  calls[index] = {
    name = call.name, arguments = call.arguments, result = call.result, success = call.success,
    id = type(call.id), duration_ms = type(call.duration_ms),
  }
end
local roles = {}
for index, message in ipairs(agent:get_conversation()) do
  roles[index] = message.role
end
return { text = answer.text, turns = answer.turns, finish_reason = answer.finish_reason, calls = calls, roles = roles }
