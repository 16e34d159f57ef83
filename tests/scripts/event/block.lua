-- With `block` the publisher waits for the reader, and nothing is lost.
local id = Event.subscribe("n", { backpressure = "block", max_queue_size = 2, block_timeout_ms = 10000 })
local sum, last, ordered = 0, 0, true
Async.all {
  function() for n = 1, 200 do Event.publish("n", n) end end,
  function()
    for _ = 1, 200 do
      local e = Event.receive(id)
      sum, ordered, last = sum + e.data, ordered and e.data == last + 1, e.data
    end
  end,
}
return { sum = sum, ordered = ordered, dropped = Event.subscription_stats(id).dropped }
