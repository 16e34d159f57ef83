// The configuration bounds subscriptions, their queues, and how fast a spell may publish.
const id = await Event.subscribe("n");
const roomy = await Event.subscribe("n", { max_queue_size: 5 });
async function failure(...event) {
  try { await Event.publish(...event); return "done"; } catch (e) { return e.kind; }
}
const full = [await failure("n", 1), await failure("n", 2), await failure("n", 3)];
await Event.subscribe("x");
let most;
try { await Event.subscribe("y"); } catch (e) { most = e; }
let refused = 0, wait;
for (let n = 0; n < 40; n++) {
  try { await Event.publish("fast"); } catch (e) { refused++; wait = e.kind === "rate_limited" && e.details.retry_after_ms; }
}
const stats = (await Event.getStats()).event_bus_stats;
export default {
  full, left: (await Event.receiveBatch(id)).length, others: (await Event.receiveBatch(roomy)).length,
  most: [most.kind, most.details.limit, most.details.value],
  refused: refused > 0, waits: wait > 0,
  counted: stats.rate_limit_violations === refused,
  buffer_size: stats.buffer_size,
};
