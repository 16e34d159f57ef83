-- An agent is an object with fields and methods; as data it is its kind and id.
local agent = Agent.create { name = "helper", model = "mock/echo" }
local holder = Agent.create { model = "mock/echo" }
holder:set_state { friend = agent }
local friend = holder:get_state("friend")
local data = JSON.parse(JSON.stringify { agent = agent }).agent
return {
  fields = { agent.name, agent.model, agent.description },
  as_text = tostring(agent),
  comes_back = { friend == agent, friend:execute("hi").text },
  data = { data.kind, data.id == agent.id },
  unknown_field = agent.nothing == nil,
}
