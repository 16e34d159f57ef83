-- What one operation leads to has one correlation id: its hooks, its events, and what a hook publishes.
local id = Event.subscribe { "tool.*", "noted" }
local seen
Hook.register("BeforeToolExecution", function(ctx)
  seen = ctx.correlation_id
  Event.publish("noted", ctx.tool_name)
end)
Tool.invoke("calculator", { input = "1 + 1" })
local first = seen
local events = Event.receive_batch(id, { timeout_ms = 0 })
local types, same = {}, true
for i, e in ipairs(events) do types[i], same = e.type, same and e.correlation_id == first end
Tool.invoke("calculator", { input = "2 + 2" })
local found = {}
for i, e in ipairs(Event.query { event_type = { "tool.*", "noted" }, correlation_id = seen }) do found[i] = e.type end
table.sort(types)
table.sort(found)
return { types = types, same = same, another = seen ~= first, found = found }
