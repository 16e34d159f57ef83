// Receiving waits as long as it may; an event that is too old is not delivered; an unknown subscription is an error.
const id = await Event.subscribe("x");
const none = [
  (await Event.receive(id, 0)) === null, (await Event.receive(id, 5)) === null,
  (await Event.receiveBatch(id, { timeout_ms: 1 })).length,
];
await Event.publish("x", 1, { ttl_seconds: 0 });
await Utils.sleep(0.01);
const stale = (await Event.receive(id, 0)) === null;
for (let n = 1; n <= 5; n++) await Event.publish("x", n);
const batch = await Event.receiveBatch(id, { max_events: 3 });
const rest = await Event.receiveBatch(id);
const [waited] = await Promise.all([
  Event.receive(id).then((e) => e.data),
  Utils.sleep(0.01).then(() => Event.publish("x", "late")),
]);
let unknown;
try { await Event.receive("sub_99"); } catch (e) { unknown = { kind: e.kind, message: e.message, op: e.op }; }
export default { none, stale, sizes: [batch.length, rest.length], first: [batch[0].data, rest[0].data], waited, unknown };
