-- One memory of the run, by scope; contexts of a scope read it behind their own data.
local raised = require("lib.raised")
local user = { type = "user", id = "ada" }
local context = Agent.create_context { scope = user, data = { own = 1 } }
Agent.set_shared_memory(user, "team", "red")
Agent.set_shared_memory(user, "own", 2)
Agent.set_shared_memory({ type = "global" }, "team", "blue")
return {
  read = Agent.get_shared_memory(user, "team"),
  global = Agent.get_shared_memory({ type = "global" }, "team"),
  other_id = Agent.get_shared_memory({ type = "user", id = "bob" }, "team") == nil,
  by_context = { Agent.get_context_data(context, "team"), Agent.get_context_data(context, "own") },
  no_id = raised(Agent.get_shared_memory, { type = "user" }, "team"),
  unknown_type = raised(Agent.set_shared_memory, { type = "moon", id = "x" }, "team", 1),
  no_type = raised(Agent.get_shared_memory, {}, "team"),
}
