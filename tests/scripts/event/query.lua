-- Past events are found by type, time, data and by what belongs together.
local uuid = "0193b2a0-0000-7000-8000-000000000001"
local id = Event.subscribe("none")
Event.publish("q.a", { n = 1 }, { correlation_id = uuid })
Event.publish("q.b", { n = 2 }, { correlation_id = "batch 7" })
Event.publish("q.a", { n = 3 }, { correlation_id = uuid })
local function numbers(query)
  local found = {}
  for i, e in ipairs(Event.query(query)) do found[i] = e.data.n end
  return JSON.array(found)
end
return {
  by_type = numbers { event_type = "q.*" },
  correlated = numbers { correlation_id = uuid },
  by_data = numbers { event_type = "q.*", filters = { n = 2 } },
  newest = numbers { event_type = "q.*", limit = 2 },
  later = numbers { event_type = "q.*", start_time = "2999-01-01T00:00:00Z" },
  earlier = numbers { event_type = "q.*", end_time = 1000 },
  hint = Event.query({ event_type = "q.b" })[1].metadata.correlation_hint,
  not_delivered = Event.receive(id, 0) == nil,
  wrong = select(2, pcall(Event.query, { start_time = "soon" })).kind,
}
