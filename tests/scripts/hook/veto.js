// Hooks that forbid: a change of the configuration, an agent, its end, a listing, an event.
async function forbid(point, act) {
  const h = await Hook.register(point, () => "no");
  try { await act(); return [true, false, false]; } catch (e) { return [false, e.kind, e.details.hook_point]; } finally { await h.unregister(); }
}
const agent = await Agent.create({ name: "ann", model: "mock/echo" });
const listed = await Hook.register("AfterToolDiscovery", () => ({ type: "modified", data: { tools: ["calculator"] } }));
const narrowed = (await Tool.list()).length;
await listed.unregister();
const changed = await Hook.register("ConfigurationChange", (ctx) => ({ type: "modified", data: { new_value: ctx.data.new_value + 1 } }));
await Config.set("x.n", 1);
await changed.unregister();
const id = await Event.subscribe("e");
const rewritten = await Hook.register("BeforeEventEmit", () => ({ type: "modified", data: { payload: "new" } }));
await Event.publish("e", "old");
await rewritten.unregister();
export default {
  config: await forbid("ConfigurationChange", () => Config.set("x.y", 1)), untouched: (Config.get("x.y") ?? null) === null,
  init: await forbid("BeforeAgentInit", () => agent.execute("hi")), then_works: (await agent.execute("hi")).success,
  shutdown: await forbid("BeforeAgentShutdown", () => agent.destroy()), alive: (await agent.execute("hi")).success,
  discovery: await forbid("BeforeToolDiscovery", () => Tool.list()), narrowed, changed: Config.get("x.n"),
  event: await forbid("BeforeEventEmit", () => Event.publish("e", 2)), events: [(await Event.receive(id, 0)).data, (await Event.receive(id, 0)) === null],
};
