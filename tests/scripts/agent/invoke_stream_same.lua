-- Streaming is a view of the same execution: same answer, same conversation.
local function agent()
  return Agent.create {
    name = "clerk", model = "mock/script", tools = { "calculator" },
    settings = { responses = { { tool_calls = {
      { name = "calculator", arguments = { input = "6 * 7" } }, { name = "calculator", arguments = { input = "6 *" } },
    } }, "that makes one" } },
  }
end
local function whole(answer, said)
  answer.chunks_received, answer.metadata.execution_time_ms = nil, nil
  for _, call in ipairs(answer.tool_calls) do
    call.duration_ms = nil
  end
  for _, message in ipairs(said) do
    message.timestamp = nil
  end
  return { answer = answer, said = said }
end
local plain, streaming = agent(), agent()
local asked = whole(plain:execute("go"), plain:get_conversation())
local streamed = whole(streaming:invoke_stream("go", function() end), streaming:get_conversation())
return { same = JSON.stringify(asked) == JSON.stringify(streamed), streamed = streamed }
