-- What a subscriber gets of a published event.
local id = Event.subscribe("order.*")
local published = Event.publish("order.created", { id = 7, items = { "a", "b" } }, {
  tags = { "shop" }, metadata = { region = "eu" }, target = "billing", priority = "high", ttl_seconds = 60,
})
local emitted = Event.emit { event_type = "order.paid", data = { 1, 2 }, source = "till" }
local e, paid = Event.receive(id), Event.receive(id)
return {
  published = published, emitted = emitted,
  type = { e.type, e.event_type }, data = { e.data.id, e.payload.items[2] }, list = paid.data,
  same = e.id ~= paid.id and #e.id == 36 and #e.correlation_id == 36,
  numbered = paid.sequence - e.sequence,
  languages = { #e.language > 0, e.target_language, e.metadata.source_language == string.lower(e.language) },
  source = { e.source.component, paid.source.component, paid.metadata.source },
  metadata = { e.metadata.region, e.metadata.target, e.metadata.tags, e.metadata.priority, e.metadata.ttl, e.ttl },
  versions = { e.schema_version, e.version, e.serialization_version },
  timestamp = e.timestamp:match("^%d+%-%d+%-%d+T") ~= nil and e.metadata.timestamp == e.timestamp,
}
