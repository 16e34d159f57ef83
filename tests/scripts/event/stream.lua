-- Events can be iterated over, until none comes for a while or the subscription ends.
local found = {}
local events = Event.stream("n.*", { timeout_ms = 5 })
for n = 1, 3 do Event.publish("n." .. n, n) end
for e in events do found[#found + 1] = e.data end
Event.publish("n.x", 4)
local more = events:next().data
events:close()
return { found = found, more = more, closed = events:next() == nil, timeout = events.timeout_ms }
