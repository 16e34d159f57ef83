-- An answer that does not fit is fed back to the model, at most twice.
local schema = { type = "object", properties = { n = { type = "integer" } }, required = { "n" } }
local function scripted(responses)
  return Agent.create { name = "clerk", model = "mock/script", settings = { responses = responses } }
end
local agent = scripted { "no", '{"n": "x"}', '```json\n{"n": 5}\n```' }
local answer = agent:execute { text = "give n", schema = schema }
local said = {}
for index, message in ipairs(agent:get_conversation()) do
  said[index] = message.role .. ": " .. message.content
end
local hopeless = scripted { "1", "2", "3", "4" }
local _, err = pcall(hopeless.execute, hopeless, { text = "give n", schema = schema })
return {
  data = answer.data,
  turns = answer.turns,
  said = said,
  hopeless = { kind = err.kind, message = err.message, text = err.details.text },
}
