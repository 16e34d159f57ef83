-- An agent's states: it is made ready, runs, is paused, goes on, stops, ends.
local raised = require("lib.raised")
local agent = Agent.create { name = "a", model = "mock/echo" }
local states = { { "create", agent:get_agent_state() } }
local too_early = raised(agent.start)
for _, verb in ipairs {
  "initialize", "initialize", "start", "start", "pause", "pause", "resume", "resume", "stop", "stop", "pause", "start", "terminate", "terminate",
} do
  agent[verb](agent)
  states[#states + 1] = { verb, agent:get_agent_state() }
end
return { states = states, too_early = too_early, too_late = raised(agent.initialize) }
