// What a subscriber gets of a published event.
const id = await Event.subscribe("order.*");
const published = await Event.publish("order.created", { id: 7, items: ["a", "b"] }, {
  tags: ["shop"], metadata: { region: "eu" }, target: "billing", priority: "high", ttl_seconds: 60,
});
const emitted = await Event.emit({ event_type: "order.paid", data: [1, 2], source: "till" });
const e = await Event.receive(id), paid = await Event.receive(id);
export default {
  published, emitted,
  type: [e.type, e.event_type], data: [e.data.id, e.payload.items[1]], list: paid.data,
  same: e.id !== paid.id && e.id.length === 36 && e.correlation_id.length === 36,
  numbered: paid.sequence - e.sequence,
  languages: [e.language.length > 0, e.target_language, e.metadata.source_language === e.language.toLowerCase()],
  source: [e.source.component, paid.source.component, paid.metadata.source],
  metadata: [e.metadata.region, e.metadata.target, e.metadata.tags, e.metadata.priority, e.metadata.ttl, e.ttl],
  versions: [e.schema_version, e.version, e.serialization_version],
  timestamp: /^\d+-\d+-\d+T/.test(e.timestamp) && e.metadata.timestamp === e.timestamp,
};
