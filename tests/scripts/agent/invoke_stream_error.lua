-- An error of the function stops the stream and arrives where the stream was asked for; so does one of the provider.
local raised = require("lib.raised")
local agent = Agent.create { model = "mock/echo" }
local count = 0
local function fail()
  count = count + 1
  error { kind = "conflict", message = "enough", hints = { "my own hint" } }
end
local success, err = pcall(agent.invoke_stream, agent, "one two three", fail)
local failing = Agent.create {
  model = "mock/script", settings = { responses = { { error = { kind = "auth", message = "the API key is refused" } } } },
}
return {
  own = { success, err.kind, err.message, err.hints, count },
  said = #agent:get_conversation(),
  of_provider = raised(failing.invoke_stream, "go", function() end),
  no_function = raised(agent.invoke_stream, "go", 5),
}
