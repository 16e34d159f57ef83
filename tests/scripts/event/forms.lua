-- The ways to publish, and what an event says that was published without options or in another's name.
local id = Event.subscribe("f.*")
Event.publish("f.plain")
Event.publish { event_type = "f.table", data = { n = 1 }, priority = "low", language = "js" }
Event.emit("f.emit", { 1, 2 }, { language = "py", target_language = "rust", source = "till" })
Event.publish("f.hint", true, { correlation_id = "batch 7", language = "rust" })
local uuid = "0193b2a0-0000-7000-8000-000000000001"
Event.publish("f.uuid", 1.5, { correlation_id = uuid, metadata = { region = "eu" }, tags = { "a", "b" } })
local shown = {}
for i, e in ipairs(Event.receive_batch(id)) do
  shown[i] = {
    type = e.type, data = e.data, priority = e.metadata.priority, source = tostring(e.source),
    language = i > 1 and i < 5 and e.language or nil, target_language = e.target_language, ttl = e.ttl,
    tags = e.metadata.tags, hint = e.metadata.correlation_hint, region = e.metadata.region,
    own_id = e.correlation_id == uuid, same = e.metadata.correlation_id == e.correlation_id,
  }
end
return shown
