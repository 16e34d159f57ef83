// A queue that becomes nearly full is told of once, and once when it no longer is.
const id = await Event.subscribe("n");
const marks = await Event.subscribe("event.queue.*");
for (let n = 1; n <= 9000; n++) await Event.publish("n", n);
const high = await Event.receiveBatch(marks, { timeout_ms: 0 });
const first = (await Event.receiveBatch(id, { max_events: 5000 })).length;
const between = (await Event.receiveBatch(marks, { timeout_ms: 0 })).length;
const rest = (await Event.receiveBatch(id, { max_events: 5000 })).length;
const low = await Event.receiveBatch(marks, { timeout_ms: 0 });
export default {
  high: [high.length, high[0].type, high[0].data.queue_size, high[0].data.subscription_id === id],
  low: [low.length, low[0].type, low[0].data.queue_size, low[0].data.subscription_id === id],
  received: [first, rest], between,
};
