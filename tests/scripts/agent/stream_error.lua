-- The error of a stream is raised where it is read, and ends it.
local raised = require("lib.raised")
local agent = Agent.create {
  model = "mock/script", settings = { responses = { { error = { kind = "auth", message = "the API key is refused" } } } },
}
local stream = agent:stream("hi")
return { first = raised(stream.next).kind, second = stream:next() == nil, is_done = stream:is_done() }
