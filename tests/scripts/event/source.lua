-- Who published an event is its component where text is wanted, for functions as for what is received.
local seen = {}
local function admit(e) seen.filter = "from " .. e.source return true end
local function note(e) seen.subscribe = { tostring(e.source), "from " .. e.source, e.source.component } end
local received = Event.subscribe("a")
Event.subscribe("a", note, { filter = admit })
Event.on("a", function(e) seen.on = { tostring(e.source), e.data } end)
Event.publish("a", 1, { source = "till" })
Utils.sleep(0.05)
seen.receive = tostring(Event.receive(received).source)
return seen
