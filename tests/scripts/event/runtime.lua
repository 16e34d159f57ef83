-- The runtime publishes what tools, agents, models, the configuration and the log do.
local id = Event.subscribe { "tool.*", "agent.**", "model.**", "config.*", "log.*" }
Tool.invoke("calculator", { input = "1 + 1" })
Tool.invoke("calculator", { input = "1 / 0" })
local agent = Agent.create { name = "ann", model = "mock/echo" }
agent:execute("hi")
agent:destroy()
Config.set("x.y", 1)
Logger.warn("careful", { n = 1 })
local seen, by = {}, {}
for i, e in ipairs(Event.receive_batch(id, { timeout_ms = 0 })) do
  seen[i] = e.type
  by[e.type] = by[e.type] or e
end
local function of(kind, ...)
  local found = {}
  for i, name in ipairs { ... } do found[i] = by[kind].data[name] end
  return found
end
return {
  seen = seen,
  tool = of("tool.completed", "tool_name", "caller"),
  timed = by["tool.completed"].data.duration_ms >= 0,
  failed = of("tool.failed", "tool_name", "error_kind"),
  agent = of("agent.execution.started", "agent_name"),
  state = of("agent.state.changed", "from", "to"),
  model = of("model.request.started", "model"),
  together = by["model.request.started"].correlation_id == by["agent.execution.started"].correlation_id,
  apart = by["tool.started"].correlation_id ~= by["agent.execution.started"].correlation_id,
  config = of("config.changed", "key"), log = of("log.warn", "message"), language = by["log.warn"].language,
}
