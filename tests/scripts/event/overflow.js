// What happens to events for which a queue has no room, and how that is counted.
async function full(options, priorities = ["normal", "normal", "normal", "normal", "normal"]) {
  const id = await Event.subscribe("n", { ...options, max_queue_size: 3, block_timeout_ms: 20 });
  const errors = [];
  for (const [n, priority] of priorities.entries()) {
    try { await Event.publish("n", n + 1, { priority }); } catch (e) { errors.push(e.kind); }
  }
  const stats = await Event.subscriptionStats(id);
  const left = (await Event.receiveBatch(id)).map((e) => e.data);
  await Event.unsubscribe(id);
  return { left, dropped: stats.dropped, waiting: stats.queue_size, errors };
}
export default {
  by_default: await full({}),
  drop_oldest: await full({ backpressure: "drop_oldest" }),
  drop_newest: await full({ backpressure: "drop_newest" }),
  block: await full({ backpressure: "block" }),
  reject: await full({ backpressure: "reject" }),
  error: await full({ backpressure: "error" }),
  oldest_of_the_lowest: await full({}, ["high", "low", "normal", "critical", "low"]),
  newest_of_the_lowest: await full({ backpressure: "drop_newest" }, ["low", "low", "high", "critical"]),
  dropped_in_all: (await Event.getStats()).event_bus_stats.events_dropped,
};
