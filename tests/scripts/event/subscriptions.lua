-- Subscriptions are listed in the order of their making, counted, and ended by id or by pattern.
local a = Event.subscribe("a.*")
Event.subscribe({ "b", "a.*" }, { language = "py" })
Event.subscribe("c")
Event.publish("a.x", 1)
Event.receive(a)
Event.publish("a.y", 2)
local shown = {}
for i, s in ipairs(Event.list_subscriptions()) do
  shown[i] = { s.pattern, s.patterns, s.language == "Lua" and "own" or s.language, s.queue_size, s.received, s.dropped }
end
local stats = Event.get_stats()
local removed = Event.unsubscribe_pattern("a.*")
return {
  shown = shown, removed = removed, left = #Event.list_subscriptions(),
  active = stats.bridge_stats.active_subscriptions, python = stats.bridge_stats.subscriptions_by_language.Python,
  processed = stats.event_bus_stats.events_processed >= 2, refused = stats.event_bus_stats.rate_limit_violations,
  buffer = stats.event_bus_stats.buffer_size, unknown = Event.unsubscribe("sub_77"),
}
