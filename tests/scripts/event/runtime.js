// The runtime publishes what tools, agents, models, the configuration and the log do.
const id = await Event.subscribe(["tool.*", "agent.**", "model.**", "config.*", "log.*"]);
await Tool.invoke("calculator", { input: "1 + 1" });
await Tool.invoke("calculator", { input: "1 / 0" });
const agent = await Agent.create({ name: "ann", model: "mock/echo" });
await agent.execute("hi");
await agent.destroy();
await Config.set("x.y", 1);
await Logger.warn("careful", { n: 1 });
const seen = [], by = {};
for (const e of await Event.receiveBatch(id, { timeout_ms: 0 })) {
  seen.push(e.type);
  by[e.type] ??= e;
}
const of = (kind, ...names) => names.map((name) => by[kind].data[name]);
export default {
  seen,
  tool: of("tool.completed", "tool_name", "caller"),
  timed: by["tool.completed"].data.duration_ms >= 0,
  failed: of("tool.failed", "tool_name", "error_kind"),
  agent: of("agent.execution.started", "agent_name"),
  state: of("agent.state.changed", "from", "to"),
  model: of("model.request.started", "model"),
  together: by["model.request.started"].correlation_id === by["agent.execution.started"].correlation_id,
  apart: by["tool.started"].correlation_id !== by["agent.execution.started"].correlation_id,
  config: of("config.changed", "key"), log: of("log.warn", "message"), language: by["log.warn"].language,
};
