-- A queue that becomes nearly full is told of once, and once when it no longer is.
local id = Event.subscribe("n")
local marks = Event.subscribe("event.queue.*")
for n = 1, 9000 do Event.publish("n", n) end
local high = Event.receive_batch(marks, { timeout_ms = 0 })
local first = #Event.receive_batch(id, { max_events = 5000 })
local between = #Event.receive_batch(marks, { timeout_ms = 0 })
local rest = #Event.receive_batch(id, { max_events = 5000 })
local low = Event.receive_batch(marks, { timeout_ms = 0 })
return {
  high = { #high, high[1].type, high[1].data.queue_size, high[1].data.subscription_id == id },
  low = { #low, low[1].type, low[1].data.queue_size, low[1].data.subscription_id == id },
  received = { first, rest }, between = between,
}
