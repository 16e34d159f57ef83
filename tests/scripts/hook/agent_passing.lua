-- Also the states that an agent only passes through are told, to hooks and as events.
local agent = Agent.create { name = "ann", model = "mock/echo" }
local id = Event.subscribe("agent.state.changed")
local seen = {}
for _, state in ipairs { "Initializing", "Recovering", "Terminating" } do
  for _, phase in ipairs { "enter", "exit" } do
    Hook.register("custom:agent_state_" .. state .. "_" .. phase, function(ctx)
      seen[#seen + 1] = phase .. ":" .. ctx.data.from_state .. ">" .. ctx.data.to_state
    end)
  end
end
agent:execute("hi")
agent:set_error("x")
local guard = Hook.register("custom:agent_state_Recovering_enter", function() return "not yet" end)
local _, e = pcall(agent.recover, agent)
local stays = agent:get_state()
guard:unregister()
agent:recover()
agent:terminate()
local told = {}
for i, e in ipairs(Event.receive_batch(id, { timeout_ms = 0 })) do told[i] = e.data.from .. ">" .. e.data.to end
return { seen = seen, told = told, refused = e.message, stays = stays }
