// A hook of BeforeEventEmit changes what is published: type, facts and source. What is no text changes nothing.
const id = await Event.subscribe("order.*");
const hook = await Hook.register("BeforeEventEmit", (ctx) => {
  if (ctx.data.event_type === "order.created") {
    return { type: "modified", data: { event_type: "order.held", payload: { n: 2 }, source: "guard" } };
  }
  return { type: "modified", data: { event_type: 5 } };
});
const after = [];
await Hook.register("AfterEventEmit", (ctx) => { after.push(ctx.data.event_type); });
await Event.publish("order.created", { n: 1 });
await Event.publish("order.paid", { n: 3 }, { source: "till" });
await hook.unregister();
const shown = (e) => [e.type, e.data.n, String(e.source)];
export default { held: shown(await Event.receive(id)), paid: shown(await Event.receive(id)), after };
