// An option that is unknown is ignored, camelCase is accepted, and a wrong value is an error that names the option.
const id = await Event.subscribe("n", { bakpressure: "block", maxQueueSize: 1 });
await Event.publish("n", 1, { priorty: "high" });
await Event.publish("n", 2, { ttlSeconds: 60 });
const left = await Event.receive(id);
async function refused(name, call, ...args) {
  try { await call(...args); } catch (e) { return [false, e.kind, e.message.includes(name)]; }
  return [true];
}
export default {
  left: [left.data, left.ttl, left.metadata.priority],
  publish: [
    await refused("ttl_seconds", Event.publish, "n", 1, { ttl_seconds: "soon" }),
    await refused("ttl_seconds", Event.publish, "n", 1, { ttl_seconds: -1 }),
    await refused("tags", Event.publish, "n", 1, { tags: "shop" }),
    await refused("correlation_id", Event.publish, "n", 1, { correlation_id: 5 }),
    await refused("urgent", Event.publish, "n", 1, { priority: "urgent" }),
    await refused("ruby", Event.publish, "n", 1, { language: "ruby" }),
    await refused("metadata", Event.publish, "n", 1, { metadata: "x" }),
    await refused("'f'", Event.publish, "n", 1, { metadata: { f: () => 1 } }),
    await refused("type", Event.publish, "", 1),
  ],
  subscribe: [
    await refused("explode", Event.subscribe, "n", { backpressure: "explode" }),
    await refused("max_queue_size", Event.subscribe, "n", { max_queue_size: 0 }),
    await refused("block_timeout_ms", Event.subscribe, "n", { block_timeout_ms: -1 }),
    await refused("filter", Event.subscribe, "n", { filter: "odd" }),
    await refused("'f'", Event.subscribe, "n", { filter: { f: () => 1 } }),
    await refused("ruby", Event.subscribe, "n", { language: "ruby" }),
    await refused("options", Event.subscribe, "n", 5),
  ],
  receive: [
    await refused("timeout_ms", Event.receive, id, -1),
    await refused("max_events", Event.receiveBatch, id, { max_events: 0 }),
    await refused("timeout_ms", Event.receiveBatch, id, { timeout_ms: -1 }),
    await refused("limit", Event.query, { limit: -1 }),
  ],
};
