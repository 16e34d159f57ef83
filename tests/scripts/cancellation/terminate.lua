-- Terminating an agent cancels what it is doing.
local began = false
local nap = { name = "nap", description = "Sleeps", execute = function() began = true Utils.sleep(3600) end }
local agent = Agent.create {
  name = "ann", model = "mock/any", tools = { nap },
  settings = { responses = { { tool_calls = { { name = "nap" } } }, "rested" } },
}
local results = Async.all({
  function() return agent:execute("Have a rest") end,
  function()
    while not began do Utils.sleep(0.001) end
    agent:terminate()
  end,
}, { settle = true })
local raised = results[1].error
return { ok = results[1].ok, kind = raised.kind, message = raised.message, state = agent:get_state() }
