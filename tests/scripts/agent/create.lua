-- A new agent has its name, an id made of the name, and waits to be used.
local agent = Agent.create {
  name = "helper",
  description = "Answers questions",
  model = "mock/echo",
}
return {
  name = agent.name,
  id = agent.id,
  description = agent.description,
  model = agent.model,
  state = agent:get_state(),
  as_text = tostring(agent),
}
