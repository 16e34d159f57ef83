-- Receiving waits as long as it may; an event that is too old is not delivered; an unknown subscription is an error.
local id = Event.subscribe("x")
local none = { Event.receive(id, 0) == nil, Event.receive(id, 5) == nil, #Event.receive_batch(id, { timeout_ms = 1 }) }
Event.publish("x", 1, { ttl_seconds = 0 })
Utils.sleep(0.01)
local stale = Event.receive(id, 0) == nil
for n = 1, 5 do Event.publish("x", n) end
local batch = Event.receive_batch(id, { max_events = 3 })
local rest = Event.receive_batch(id)
local waited
Async.all {
  function() waited = Event.receive(id).data end,
  function() Utils.sleep(0.01) Event.publish("x", "late") end,
}
local _, unknown = pcall(Event.receive, "sub_99")
return {
  none = none, stale = stale, sizes = { #batch, #rest }, first = { batch[1].data, rest[1].data }, waited = waited,
  unknown = { kind = unknown.kind, message = unknown.message, op = unknown.op },
}
