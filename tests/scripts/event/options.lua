-- An option that is unknown is ignored, camelCase is accepted, and a wrong value is an error that names the option.
local id = Event.subscribe("n", { bakpressure = "block", maxQueueSize = 1 })
Event.publish("n", 1, { priorty = "high" })
Event.publish("n", 2, { ttlSeconds = 60 })
local left = Event.receive(id)
local function refused(name, call, ...)
  local ok, e = pcall(call, ...)
  return { ok, e.kind, e.message:find(name, 1, true) ~= nil }
end
return {
  left = { left.data, left.ttl, left.metadata.priority },
  publish = {
    refused("ttl_seconds", Event.publish, "n", 1, { ttl_seconds = "soon" }),
    refused("ttl_seconds", Event.publish, "n", 1, { ttl_seconds = -1 }),
    refused("tags", Event.publish, "n", 1, { tags = "shop" }),
    refused("correlation_id", Event.publish, "n", 1, { correlation_id = 5 }),
    refused("urgent", Event.publish, "n", 1, { priority = "urgent" }),
    refused("ruby", Event.publish, "n", 1, { language = "ruby" }),
    refused("metadata", Event.publish, "n", 1, { metadata = "x" }),
    refused("'f'", Event.publish, "n", 1, { metadata = { f = print } }),
    refused("type", Event.publish, "", 1),
  },
  subscribe = {
    refused("explode", Event.subscribe, "n", { backpressure = "explode" }),
    refused("max_queue_size", Event.subscribe, "n", { max_queue_size = 0 }),
    refused("block_timeout_ms", Event.subscribe, "n", { block_timeout_ms = -1 }),
    refused("filter", Event.subscribe, "n", { filter = "odd" }),
    refused("'f'", Event.subscribe, "n", { filter = { f = print } }),
    refused("ruby", Event.subscribe, "n", { language = "ruby" }),
    refused("options", Event.subscribe, "n", 5),
  },
  receive = {
    refused("timeout_ms", Event.receive, id, -1),
    refused("max_events", Event.receive_batch, id, { max_events = 0 }),
    refused("timeout_ms", Event.receive_batch, id, { timeout_ms = -1 }),
    refused("limit", Event.query, { limit = -1 }),
  },
}
