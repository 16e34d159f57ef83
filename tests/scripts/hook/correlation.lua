-- All hooks and events of one operation have the same correlation_id, and those of another one have another.
local points = {
  "BeforeToolDiscovery", "AfterToolDiscovery", "BeforeEventEmit", "AfterEventEmit", "EventHandlerError",
  "custom:agent_state_Ready_exit", "custom:agent_paused", "BeforeAgentShutdown", "custom:before_agent_terminate", "AfterAgentShutdown",
  "BeforeStateWrite", "AfterStateWrite", "SessionStart", "ConfigurationChange", "custom:artifact:before_create", "custom:artifact:after_create",
  "custom:artifact:accessed", "custom:artifact:after_delete",
}
local here = {}
for _, point in ipairs(points) do
  Hook.register(point, function(ctx) here[#here + 1] = { point, ctx.correlation_id } end)
end
local own = "11111111-2222-4333-8444-555555555555"
local heard = Event.subscribe { "my.*", "agent.*", "state.*", "session.created", "config.*", "artifact.*" }
local used = {}
local function during(act)
  here = {}
  act()
  local event = Event.receive(heard, 50)
  while event do
    here[#here + 1] = { event.event_type, event.correlation_id }
    event = Event.receive(heard, 50)
  end
  local names, id = {}, here[1][2]
  for i, told in ipairs(here) do names[i] = told[1] .. (told[2] == id and "" or " OTHER") end
  local is_new = not used[id]
  used[id] = true
  table.sort(names)
  return { table.concat(names, " "), is_new, id == own }
end
local agent = Agent.create { name = "ann", model = "mock/echo" }
agent:initialize()
while Event.receive(heard, 50) do end
local sid, stored
return {
  list = during(function() Tool.list() end),
  publish = during(function() Event.publish("my.event", {}) end),
  own = during(function() Event.publish("my.event", {}, { correlation_id = own }) end),
  pause = during(function() agent:pause() end),
  destroy = during(function() agent:destroy() end),
  save = during(function() State.save("global", "k", 1) end),
  session = during(function() sid = Session.create {} end),
  config = during(function() Config.set("my.value", 1) end),
  store = during(function() stored = Artifact.store(sid, "notes", "n", "text") end),
  get = during(function() Artifact.get(sid, stored) end),
  delete = during(function() Artifact.delete(sid, stored) end),
  within = during(function()
    local h = Hook.register("BeforeToolDiscovery", function() Event.publish("my.event", {}) end)
    Tool.list()
    h:unregister()
  end),
}
