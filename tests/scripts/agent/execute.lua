-- An agent answers a prompt; the answer acts as its text.
local agent = Agent.create { name = "helper", model = "mock/echo" }
local answer = agent:execute("What is 6*7?")
return {
  text = { answer.text, answer.content, answer.output },
  as_text = { tostring(answer), "A: " .. answer },
  success = answer.success,
  finish_reason = answer.finish_reason,
  model = answer.model,
  turns = answer.turns,
  tool_calls = answer.tool_calls,
}
