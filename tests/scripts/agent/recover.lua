-- An agent in the state Error is recovered; a fourth recovery without a success in between is refused.
local raised = require("lib.raised")
local agent = Agent.create { name = "a", model = "mock/echo" }
agent:set_error("disk is full")
local broken = { agent:get_state(), agent:get_last_error(), agent:is_healthy(), raised(agent.execute, "hi"), agent:get_last_error() }
agent:recover()
local well = { agent:get_state(), agent:get_last_error() == nil, agent:get_recovery_attempts(), agent:is_healthy() }
for _ = 1, 2 do
  agent:set_error("again")
  agent:recover()
end
agent:set_error("once too often")
local refused = raised(agent.recover)
local other = Agent.create { model = "mock/echo" }
for _ = 1, 4 do
  other:set_error("again")
  other:recover()
  other:execute("a success")
end
return { broken = broken, well = well, refused = refused, with_successes = other:get_recovery_attempts() }
