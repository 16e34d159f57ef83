-- Functions are called when the script waits, one after the other; one that fails stays subscribed.
local seen = {}
local first = Event.subscribe("a.*", function(e) seen[#seen + 1] = "1:" .. e.data end)
Event.on("a.*", function(e) seen[#seen + 1] = "2:" .. e.data if e.data == 1 then error("no") end end)
Event.subscribe("a.*", function(e) seen[#seen + 1] = "3:" .. e.data end, { filter = { ["x.y"] = 1 } })
Event.subscribe("b", function(e) Event.publish("a.from", 9) end)
for n = 1, 2 do Event.publish("a.n", n) end
local before = #seen
Utils.sleep(0.05)
local after = table.concat(seen, " ")
Event.publish("b")
Utils.sleep(0.05)
local nested = seen[#seen]
local gone = { Event.unsubscribe(first), Event.unsubscribe(first) }
Event.publish("a.n", 3)
Utils.sleep(0.05)
local _, err = pcall(Event.on, "a")
local missing = { err.kind, err.message }
local _, why = pcall(Event.on, "a", { filter = {} })
return { missing = missing, wrong = why.kind, before = before, after = after, nested = nested, gone = gone, last = seen[#seen] }
