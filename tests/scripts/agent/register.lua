-- `register` creates an agent by name, or gives an agent a further name; it returns the name.
local raised = require("lib.raised")
local parrot = Agent.create { name = "parrot", model = "mock/echo" }
return {
  by_configuration = Agent.register { name = "a", model = "mock/echo" },
  by_name = Agent.register("b", { model = "mock/echo", description = "The second" }),
  alias = Agent.register("bird", parrot),
  found = { Agent.get("a").model, Agent.get("b").description, Agent.get("bird") == parrot },
  instances = Agent.list_instances(),
  nameless = raised(Agent.register, { model = "mock/echo" }),
  number = raised(Agent.register, 5),
}
