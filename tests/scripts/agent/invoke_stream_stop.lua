-- The function stops the stream by returning false; what was said until then stays.
local agent = Agent.create { model = "mock/echo" }
local count = 0
local answer = agent:invoke_stream("one two three four", function()
  count = count + 1
  return count < 2
end)
local said = agent:get_conversation()
return {
  text = answer.text,
  finish_reason = answer.finish_reason,
  chunks_received = answer.chunks_received,
  calls = count,
  said = { said[1].content, said[2].content },
}
