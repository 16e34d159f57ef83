-- A filter is a function or a map from data path to value; one that raises lets nothing pass. What did not pass was not
-- received.
local function passed(filter)
  local id = Event.subscribe("n", { filter = filter })
  for n = 1, 4 do Event.publish("n", { n = n, odd = n % 2 == 1, deep = { list = { n } } }) end
  local found = {}
  for i, e in ipairs(Event.receive_batch(id, { timeout_ms = 0 })) do found[i] = e.data.n end
  local received = Event.subscription_stats(id).total_received
  Event.unsubscribe(id)
  return { found = JSON.array(found), received = received }
end
return {
  by_function = passed(function(e) return e.data.n > 2 end),
  by_value = passed { odd = true },
  by_path = passed { ["deep.list.0"] = 4 },
  raising = passed(function() error("no") end),
}
