-- Stopping at a tool call leaves the call out; stopping at its result keeps both, so that every call has a result.
local function stopped_at(type_of_chunk)
  local agent = Agent.create {
    model = "mock/script", tools = { "calculator" },
    settings = { responses = { { tool_calls = { { name = "calculator", arguments = { input = "6 * 7" } } } }, "done" } },
  }
  local answer = agent:invoke_stream("go", function(chunk)
    return chunk.type ~= type_of_chunk
  end)
  local roles = JSON.array {}
  for index, message in ipairs(agent:get_conversation()) do
    roles[index] = message.role
  end
  return { finish_reason = answer.finish_reason, text = answer.text, roles = roles }
end
return { at_call = stopped_at("tool_call"), at_result = stopped_at("tool_result"), never = stopped_at("nothing") }
