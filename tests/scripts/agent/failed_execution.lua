-- A failed execution restores the state, keeps the error's text, and forgets the prompt that had no answer.
local raised = require("lib.raised")
local agent = Agent.create {
  model = "mock/script",
  settings = { responses = { { error = { kind = "auth", message = "the API key is refused" } }, "fine" } },
}
local failure = raised(agent.execute, "hi")
local after = { agent:get_state(), agent:get_last_error(), #agent:get_conversation() }
return { failure = failure, after = after, again = agent:execute("hi").text }
