-- State, metrics, configuration and composition of one agent.
local raised = require("lib.raised")
local agent = Agent.create {
  name = "clerk", model = "mock/echo", system_prompt = "Be exact.", temperature = 0.5, tools = { "calculator" },
}
agent:execute("hi")
local details = Agent.get_details("clerk")
return {
  id = details.id == agent.id,
  name = details.name,
  description = details.description,
  state = details.state,
  requests = { details.metrics.requests_total, details.metrics.requests_failed },
  config = details.config,
  composition = details.composition,
  unknown = raised(Agent.get_details, "clark"),
}
