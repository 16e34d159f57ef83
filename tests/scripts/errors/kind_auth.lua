-- auth: the key of a provider is missing. It is looked for at the first use, not when the agent is made.
local agent = Agent.create { name = "ann", model = "openai/gpt-4o" }
local ok, raised = pcall(agent.execute, agent, "hello")
return {
  ok = ok,
  kind = raised.kind,
  names_key = raised.message:find("API key", 1, true) ~= nil,
  names_variable = raised.message:find("OPENAI_API_KEY", 1, true) ~= nil,
  hints = #raised.hints > 0,
}
