-- What is handed out may be any value; the calls of the function wait as they do elsewhere.
local raised = require("lib.raised")
local agent = Agent.create { model = "mock/echo" }
local stream = Streaming.create(function()
  Streaming.yield { name = "Ada", tags = { "a", "b" } }
  Streaming.yield(agent:execute("from the model").text)
  Streaming.yield(Tool.calculator { input = "6 * 7" }.output)
end)
return { values = stream:collect(), outside = raised(Streaming.yield, 1).kind }
