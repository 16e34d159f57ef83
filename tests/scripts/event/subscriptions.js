// Subscriptions are listed in the order of their making, counted, and ended by id or by pattern.
const a = await Event.subscribe("a.*");
await Event.subscribe(["b", "a.*"], { language: "py" });
await Event.subscribe("c");
await Event.publish("a.x", 1);
await Event.receive(a);
await Event.publish("a.y", 2);
const shown = (await Event.listSubscriptions()).map((s) => [
  s.pattern, s.patterns, s.language === "JavaScript" ? "own" : s.language, s.queue_size, s.received, s.dropped,
]);
const stats = await Event.getStats();
const removed = await Event.unsubscribePattern("a.*");
export default {
  shown, removed, left: (await Event.listSubscriptions()).length,
  active: stats.bridge_stats.active_subscriptions, python: stats.bridge_stats.subscriptions_by_language.Python,
  processed: stats.event_bus_stats.events_processed >= 2, refused: stats.event_bus_stats.rate_limit_violations,
  buffer: stats.event_bus_stats.buffer_size, unknown: await Event.unsubscribe("sub_77"),
};
