-- The answer arrives in chunks; their texts make the answer, which is the same as without streaming.
local function agent()
  return Agent.create {
    model = "mock/script", tools = { "calculator" },
    settings = { responses = { { tool_calls = { { name = "calculator", arguments = { input = "6 * 7" } } } }, "that makes 42" } },
  }
end
local chunks, text = {}, ""
local answer = agent():invoke_stream("go", function(chunk)
  text = text .. chunk.text
  chunks[#chunks + 1] = chunk
end)
local types, indices = {}, {}
for place, chunk in ipairs(chunks) do
  types[place], indices[place] = chunk.type, chunk.index
end
return {
  types = types,
  indices = indices,
  text = { text, answer.text, agent():execute("go").text },
  chunks_received = answer.chunks_received,
  tool_call = { chunks[1].tool_call.name, chunks[1].tool_call.arguments, chunks[1].tool_call.id == answer.tool_calls[1].id },
  tool_result = { chunks[3].tool_result.name, chunks[3].tool_result.result, chunks[3].tool_result.success },
  usage = chunks[2].usage.output_tokens > 0,
  turns = answer.turns,
}
