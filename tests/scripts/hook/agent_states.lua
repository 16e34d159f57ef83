-- Hooks of an agent's states: they see where it comes from and goes to, and may forbid it.
local agent = Agent.create { name = "ann", model = "mock/echo" }
local seen = {}
for _, name in ipairs { "agent_state_Ready_exit", "agent_state_Paused_enter", "agent_paused", "agent_recovering", "before_agent_terminate" } do
  Hook.register("custom:" .. name, function(ctx) seen[#seen + 1] = name .. ":" .. ctx.data.from_state .. ">" .. ctx.data.to_state end)
end
agent:initialize()
agent:pause()
agent:resume()
agent:stop()
agent:set_error("x")
agent:recover()
local guard = Hook.register("custom:before_agent_terminate", function() return "still needed" end)
local _, e = pcall(agent.terminate, agent)
guard:unregister()
agent:terminate()
return { seen = seen, kind = e.kind, message = e.message, point = e.details.hook_point }
