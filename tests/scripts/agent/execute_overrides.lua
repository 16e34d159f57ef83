-- An input overrides what the agent was created with, for one call.
local agent = Agent.create { model = "mock/echo", tools = { "calculator" }, system_prompt = "one two three" }
local usual = agent:execute("hi")
local other = agent:execute {
  text = "hi",
  model = "mock/parrot",
  tools = { "uuid_generator" },
  system_prompt = "one",
  temperature = 0.1,
  max_tokens = 50,
}
agent:clear_conversation()
local after = agent:execute("hi")
return {
  usual = { usual.text, usual.model, usual.usage.input_tokens },
  other = { other.text, other.model },
  after = { after.text, after.model, after.usage.input_tokens },
}
