-- An error of the function is raised where the stream is read, and ends it.
local raised = require("lib.raised")
local function failing()
  return Streaming.create(function()
    Streaming.yield("a")
    Agent.get_details("nobody")
  end)
end
local stream, collected = failing(), failing()
return {
  first = stream:next(),
  second = raised(stream.next),
  after = { stream:is_done(), stream:next() == nil },
  collect = raised(collected.collect).kind,
  no_function = raised(Streaming.create, 5).kind,
}
