// An event is not delivered when it is older than it says, to the part of a second; what it shows is whole seconds.
const id = await Event.subscribe("n");
await Event.publish("n", "short", { ttl_seconds: 0.02 });
await Event.publish("n", "long", { ttl_seconds: 30.5 });
await Utils.sleep(0.1);
const e = await Event.receive(id, 0);
await Event.publish("n", "now", { ttl_seconds: 0.9 });
const now = await Event.receive(id, 0);
export default { data: e.data, ttl: e.ttl, now: now?.data, shown: now?.ttl, none: (await Event.receive(id, 0)) == null };
