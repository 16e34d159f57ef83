-- Terminating an agent cancels what it is doing.
local raised = require("lib.raised")
local agent = Agent.create { name = "a", model = "mock/script", settings = { responses = { { text = "late", delay_ms = 60000 } } } }
local outcome
Async.all {
  function()
    outcome = raised(agent.execute, "hi")
  end,
  function()
    while agent:get_metrics().requests_active == 0 do
      Utils.sleep(0.001)
    end
    agent:terminate()
  end,
}
return { outcome = outcome.kind, state = agent:get_state(), afterwards = raised(agent.execute, "hi") }
