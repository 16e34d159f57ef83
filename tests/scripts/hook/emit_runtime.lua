-- Hooks around publishing are asked about the runtime's own events as well, in the order in which subscribers get them;
-- about events of hooks they are not.
local before, after = {}, {}
Hook.register("BeforeEventEmit", function(ctx) before[#before + 1] = ctx.data.event_type end)
Hook.register("AfterEventEmit", function(ctx) after[#after + 1] = ctx.data.event_type end)
Hook.register("SessionStart", function() end)
local id = Event.subscribe("*")
Tool.invoke("calculator", { input = "1 + 1" })
local agent = Agent.create { name = "ann", model = "mock/echo" }
agent:execute("hi")
agent:destroy()
State.save("k", 1)
Config.set("x.y", 1)
Logger.warn("careful")
local flow = Workflow.sequential { name = "w", steps = { { name = "s", tool = "calculator", input = { input = "1" } } } }
flow:execute()
flow:emit("mine", { n = 1 })
local session = Session.create { name = "s" }
Artifact.store(session, "tool_result", "a", "text")
Session.complete(session)
Event.publish("own", 1)
local got, of_hooks = {}, {}
for _, e in ipairs(Event.receive_batch(id, { max_events = 1000, timeout_ms = 0 })) do
  local list = e.type:find("hook", 1, true) and of_hooks or got
  list[#list + 1] = e.type
end
return {
  got = got, asked = table.concat(before, " ") == table.concat(got, " "),
  told = table.concat(after, " ") == table.concat(got, " "), of_hooks = #of_hooks > 0,
}
