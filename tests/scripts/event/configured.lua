-- The configuration bounds subscriptions, their queues, and how fast a spell may publish.
local id = Event.subscribe("n")
local roomy = Event.subscribe("n", { max_queue_size = 5 })
local function failure(call, ...)
  local ok, e = pcall(call, ...)
  return ok and "done" or e.kind
end
local full = { failure(Event.publish, "n", 1), failure(Event.publish, "n", 2), failure(Event.publish, "n", 3) }
Event.subscribe("x")
local _, most = pcall(Event.subscribe, "y")
local refused, wait = 0, nil
for _ = 1, 40 do
  local ok, e = pcall(Event.publish, "fast")
  if not ok then refused, wait = refused + 1, e.kind == "rate_limited" and e.details.retry_after_ms end
end
return {
  full = full, left = #Event.receive_batch(id), others = #Event.receive_batch(roomy),
  most = { most.kind, most.details.limit, most.details.value },
  refused = refused > 0, waits = wait > 0,
  counted = Event.get_stats().event_bus_stats.rate_limit_violations == refused,
  buffer_size = Event.get_stats().event_bus_stats.buffer_size,
}
