-- An event is not delivered when it is older than it says, to the part of a second; what it shows is whole seconds.
local id = Event.subscribe("n")
Event.publish("n", "short", { ttl_seconds = 0.02 })
Event.publish("n", "long", { ttl_seconds = 30.5 })
Utils.sleep(0.1)
local e = Event.receive(id, 0)
Event.publish("n", "now", { ttl_seconds = 0.9 })
local now = Event.receive(id, 0)
return { data = e.data, ttl = e.ttl, now = now and now.data, shown = now and now.ttl, none = Event.receive(id, 0) == nil }
