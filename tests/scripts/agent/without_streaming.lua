-- With streaming switched off, an answer comes in one piece.
local agent = Agent.create { model = "mock/echo" }
local chunks = {}
agent:invoke_stream("one two three", function(chunk)
  chunks[#chunks + 1] = chunk.type .. ": " .. chunk.text
end)
return chunks
