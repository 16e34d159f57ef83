-- Hooks that forbid: a change of the configuration, an agent, its end, a listing, an event.
local function forbid(point, act)
  local h = Hook.register(point, function() return "no" end)
  local ok, e = pcall(act)
  h:unregister()
  return { ok, not ok and e.kind, not ok and e.details.hook_point }
end
local agent = Agent.create { name = "ann", model = "mock/echo" }
local listed = Hook.register("AfterToolDiscovery", function(ctx) return { type = "modified", data = { tools = { "calculator" } } } end)
local narrowed = #Tool.list()
listed:unregister()
local changed = Hook.register("ConfigurationChange", function(ctx) return { type = "modified", data = { new_value = ctx.data.new_value + 1 } } end)
Config.set("x.n", 1)
changed:unregister()
local id = Event.subscribe("e")
local rewritten = Hook.register("BeforeEventEmit", function() return { type = "modified", data = { payload = "new" } } end)
Event.publish("e", "old")
rewritten:unregister()
return {
  config = forbid("ConfigurationChange", function() Config.set("x.y", 1) end), untouched = Config.get("x.y") == nil,
  init = forbid("BeforeAgentInit", function() agent:execute("hi") end), then_works = agent:execute("hi").success,
  shutdown = forbid("BeforeAgentShutdown", function() agent:destroy() end), alive = agent:execute("hi").success,
  discovery = forbid("BeforeToolDiscovery", function() Tool.list() end), narrowed = narrowed, changed = Config.get("x.n"),
  event = forbid("BeforeEventEmit", function() Event.publish("e", 2) end), events = { Event.receive(id, 0).data, Event.receive(id, 0) == nil },
}
