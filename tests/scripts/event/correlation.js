// What one operation leads to has one correlation id: its hooks, its events, and what a hook publishes.
const id = await Event.subscribe(["tool.*", "noted"]);
let seen;
await Hook.register("BeforeToolExecution", async (ctx) => {
  seen = ctx.correlation_id;
  await Event.publish("noted", ctx.tool_name);
});
await Tool.invoke("calculator", { input: "1 + 1" });
const first = seen;
const events = await Event.receiveBatch(id, { timeout_ms: 0 });
await Tool.invoke("calculator", { input: "2 + 2" });
const found = await Event.query({ event_type: ["tool.*", "noted"], correlation_id: seen });
export default {
  types: events.map((e) => e.type).sort(), same: events.every((e) => e.correlation_id === first),
  another: seen !== first, found: found.map((e) => e.type).sort(),
};
