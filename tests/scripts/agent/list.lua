-- Agents are listed in the order in which they were created; an item acts as its name.
Agent.create { name = "second to none", model = "mock/echo", description = "Came first" }
local busy = Agent.create { name = "busy", model = "mock/tools" }
busy:initialize()
busy:start()
local list = Agent.list()
return {
  list = list,
  as_text = "Hello " .. list[2],
  instances = Agent.list_instances(),
}
