-- Hooks of an agent's states see the begin of an execution, which they may forbid, and its end, which they may not.
local agent = Agent.create { name = "ann", model = "mock/echo" }
local poor = Agent.create { name = "cid", model = "openai/gpt-4o" }
agent:initialize()
poor:initialize()
local seen = {}
for _, name in ipairs { "Ready_exit", "Running_enter", "Running_exit", "Ready_enter" } do
  Hook.register("custom:agent_state_" .. name, function(ctx)
    seen[#seen + 1] = ctx.component_id.name .. " " .. name .. ":" .. ctx.data.from_state .. ">" .. ctx.data.to_state
    if name == "Running_exit" then return "no" end
  end)
end
local text = agent:execute("hi").text
pcall(poor.execute, poor, "hi")
return { text = text, seen = seen, state = agent:get_state() }
