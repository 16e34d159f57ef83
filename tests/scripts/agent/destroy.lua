-- Destroying an agent ends it and frees its name; its handle is of no use any more.
local raised = require("lib.raised")
local agent = Agent.create { name = "short", model = "mock/echo" }
agent:destroy()
return {
  found = Agent.get("short") == nil,
  list = Agent.list_instances(),
  twice = raised(agent.destroy),
  metrics = raised(agent.get_metrics),
  execute = raised(agent.execute, "hi"),
  again = Agent.create({ name = "short", model = "mock/echo" }):execute("hi").text,
}
