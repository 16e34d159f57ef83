-- Variables fill the prompt and the system prompt, once; names that are not given stay.
local agent = Agent.create { model = "mock/echo", system_prompt = "{{role}} {{role}}" }
local answer = agent:execute {
  text = "{{a}} and {{ n }} and {{unknown}}",
  variables = { a = "{{n}}", n = 2, role = "two words" },
}
return { text = answer.text, input_tokens = answer.usage.input_tokens }
