// Events can be iterated over, until none comes for a while or the subscription ends.
const found = [];
const events = await Event.stream("n.*", { timeout_ms: 5 });
for (let n = 1; n <= 3; n++) await Event.publish("n." + n, n);
for await (const e of events) found.push(e.data);
await Event.publish("n.x", 4);
const more = (await events.next()).data;
await events.close();
export default { found, more, closed: (await events.next()) === null, timeout: events.timeout_ms };
