-- What happens to events for which a queue has no room, and how that is counted.
local function full(options, priorities)
  options.max_queue_size = 3
  options.block_timeout_ms = 20
  local id = Event.subscribe("n", options)
  local kinds = {}
  for n, priority in ipairs(priorities or { "normal", "normal", "normal", "normal", "normal" }) do
    local ok, e = pcall(Event.publish, "n", n, { priority = priority })
    if not ok then kinds[#kinds + 1] = e.kind end
  end
  local stats = Event.subscription_stats(id)
  local left = {}
  for i, e in ipairs(Event.receive_batch(id)) do left[i] = e.data end
  Event.unsubscribe(id)
  return { left = left, dropped = stats.dropped, waiting = stats.queue_size, errors = JSON.array(kinds) }
end
return {
  by_default = full {},
  drop_oldest = full { backpressure = "drop_oldest" },
  drop_newest = full { backpressure = "drop_newest" },
  block = full { backpressure = "block" },
  reject = full { backpressure = "reject" },
  error = full { backpressure = "error" },
  oldest_of_the_lowest = full({}, { "high", "low", "normal", "critical", "low" }),
  newest_of_the_lowest = full({ backpressure = "drop_newest" }, { "low", "low", "high", "critical" }),
  dropped_in_all = Event.get_stats().event_bus_stats.events_dropped,
}
