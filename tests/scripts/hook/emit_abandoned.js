// What is said of calls that were abandoned waits for the hooks, and is published when they were asked.
const nap = { name: "nap", description: "Sleeps", execute: () => Utils.sleep(3600) };
const agent = await Agent.create({
  name: "ann", model: "mock/any", tools: [nap], timeout_ms: 50,
  settings: { responses: [{ tool_calls: [{ name: "nap" }] }, "rested"] },
});
const asked = {};
await Hook.register("BeforeEventEmit", (ctx) => {
  const kind = ctx.data.event_type;
  if (kind.endsWith(".failed")) {
    asked[kind] = (asked[kind] ?? 0) + 1;
    return { type: "modified", data: { payload: { seen: true } } };
  }
});
const id = await Event.subscribe("**.failed");
const ok = await agent.execute("Have a rest").then(() => true, () => false);
const got = {};
for (let n = 0; n < 2; n++) {
  const e = await Event.receive(id);
  got[e.type] = e.data.seen;
}
export default { ok, asked, got, more: (await Event.receive(id, 20)) !== null };
