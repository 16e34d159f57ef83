-- A hook of BeforeEventEmit changes what is published: type, facts and source. What is no text changes nothing.
local id = Event.subscribe("order.*")
local hook = Hook.register("BeforeEventEmit", function(ctx)
  if ctx.data.event_type == "order.created" then
    return { type = "modified", data = { event_type = "order.held", payload = { n = 2 }, source = "guard" } }
  end
  return { type = "modified", data = { event_type = 5 } }
end)
local after = {}
Hook.register("AfterEventEmit", function(ctx) after[#after + 1] = ctx.data.event_type end)
Event.publish("order.created", { n = 1 })
Event.publish("order.paid", { n = 3 }, { source = "till" })
hook:unregister()
local function shown(e) return { e.type, e.data.n, tostring(e.source) } end
return { held = shown(Event.receive(id)), paid = shown(Event.receive(id)), after = after }
