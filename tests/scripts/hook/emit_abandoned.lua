-- What is said of calls that were abandoned waits for the hooks, and is published when they were asked.
local nap = { name = "nap", description = "Sleeps", execute = function() Utils.sleep(3600) end }
local agent = Agent.create {
  name = "ann", model = "mock/any", tools = { nap }, timeout_ms = 50,
  settings = { responses = { { tool_calls = { { name = "nap" } } }, "rested" } },
}
local asked = {}
Hook.register("BeforeEventEmit", function(ctx)
  local kind = ctx.data.event_type
  if kind:find("%.failed$") then
    asked[kind] = (asked[kind] or 0) + 1
    return { type = "modified", data = { payload = { seen = true } } }
  end
end)
local id = Event.subscribe("**.failed")
local ok = pcall(agent.execute, agent, "Have a rest")
local got = {}
for _ = 1, 2 do
  local e = Event.receive(id)
  got[e.type] = e.data.seen
end
return { ok = ok, asked = asked, got = got, more = Event.receive(id, 20) ~= nil }
