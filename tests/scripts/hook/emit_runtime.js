// Hooks around publishing are asked about the runtime's own events as well, in the order in which subscribers get them;
// about events of hooks they are not.
const before = [], after = [];
await Hook.register("BeforeEventEmit", (ctx) => { before.push(ctx.data.event_type); });
await Hook.register("AfterEventEmit", (ctx) => { after.push(ctx.data.event_type); });
await Hook.register("SessionStart", () => {});
const id = await Event.subscribe("*");
await Tool.invoke("calculator", { input: "1 + 1" });
const agent = await Agent.create({ name: "ann", model: "mock/echo" });
await agent.execute("hi");
await agent.destroy();
await State.save("k", 1);
await Config.set("x.y", 1);
await Logger.warn("careful");
const flow = await Workflow.sequential({ name: "w", steps: [{ name: "s", tool: "calculator", input: { input: "1" } }] });
await flow.execute();
await flow.emit("mine", { n: 1 });
const session = await Session.create({ name: "s" });
await Artifact.store(session, "tool_result", "a", "text");
await Session.complete(session);
await Event.publish("own", 1);
const types = (await Event.receiveBatch(id, { max_events: 1000, timeout_ms: 0 })).map((e) => e.type);
const got = types.filter((type) => !type.includes("hook"));
export default {
  got, asked: before.join(" ") === got.join(" "), told: after.join(" ") === got.join(" "),
  of_hooks: got.length < types.length,
};
