-- An agent asks `on_error` what to do about a failure: another answer, another attempt, or nothing.
local agent = Agent.create { name = "ann", model = "openai/gpt-4o" }
local attempts = 0
local other = agent:execute { text = "hi", on_error = function(raised)
  return { text = "no luck: " .. raised.kind }
end }
local _, again = pcall(agent.execute, agent, { text = "hi", on_error = function()
  attempts = attempts + 1
  return { retry = true, max_attempts = 3, delay_ms = 1 }
end })
local _, passed = pcall(agent.execute, agent, { text = "hi", on_error = function() end })
return { other = other.text, attempts = attempts, again = again.kind, passed = passed.kind }
