// All hooks and events of one operation have the same correlation_id, and those of another one have another.
const points = [
  "BeforeToolDiscovery", "AfterToolDiscovery", "BeforeEventEmit", "AfterEventEmit", "EventHandlerError",
  "custom:agent_state_Ready_exit", "custom:agent_paused", "BeforeAgentShutdown", "custom:before_agent_terminate", "AfterAgentShutdown",
  "BeforeStateWrite", "AfterStateWrite", "SessionStart", "ConfigurationChange", "custom:artifact:before_create", "custom:artifact:after_create",
  "custom:artifact:accessed", "custom:artifact:after_delete",
];
let here = [];
for (const point of points) {
  await Hook.register(point, (ctx) => { here.push([point, ctx.correlation_id]); });
}
const own = "11111111-2222-4333-8444-555555555555";
const heard = await Event.subscribe(["my.*", "agent.*", "state.*", "session.created", "config.*", "artifact.*"]);
const used = new Set();
async function during(act) {
  here = [];
  await act();
  let event;
  while ((event = await Event.receive(heard, 50))) here.push([event.event_type, event.correlation_id]);
  const id = here[0][1];
  const names = here.map(([name, given]) => name + (given === id ? "" : " OTHER")).sort();
  const isNew = !used.has(id);
  used.add(id);
  return [names.join(" "), isNew, id === own];
}
const agent = await Agent.create({ name: "ann", model: "mock/echo" });
await agent.initialize();
while (await Event.receive(heard, 50)) {}
let sid, stored;
export default {
  list: await during(() => Tool.list()),
  publish: await during(() => Event.publish("my.event", {})),
  own: await during(() => Event.publish("my.event", {}, { correlation_id: own })),
  pause: await during(() => agent.pause()),
  destroy: await during(() => agent.destroy()),
  save: await during(() => State.save("global", "k", 1)),
  session: await during(async () => { sid = await Session.create({}); }),
  config: await during(() => Config.set("my.value", 1)),
  store: await during(async () => { stored = await Artifact.store(sid, "notes", "n", "text"); }),
  get: await during(() => Artifact.get(sid, stored)),
  delete: await during(() => Artifact.delete(sid, stored)),
  within: await during(async () => {
    const h = await Hook.register("BeforeToolDiscovery", async () => { await Event.publish("my.event", {}); });
    await Tool.list();
    await h.unregister();
  }),
};
