-- Pausing lets a running turn finish and holds the next one until the agent goes on.
local order = {}
local function note(word)
  order[#order + 1] = word
end
local pausing = {
  name = "pause_me",
  execute = function()
    note("paused in the first turn")
    Agent.get("worker"):pause()
  end,
}
local agent = Agent.create {
  name = "worker", model = "mock/script", tools = { pausing },
  settings = { responses = { { tool_calls = { { name = "pause_me" } } }, "done" } },
}
Async.all {
  function()
    note(agent:execute("go").text)
  end,
  function()
    while agent:get_state() ~= "Paused" do
      Utils.sleep(0.001)
    end
    Utils.sleep(0.02)
    note("resumed")
    agent:resume()
  end,
}
return { order = order, state = agent:get_state() }
