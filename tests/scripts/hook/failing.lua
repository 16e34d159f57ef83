-- A hook that fails or is slow never breaks the call, unless it is to; after some failures it is left out.
local events = Event.subscribe("hook.breaker.*")
local calls = 0
local h = Hook.register("BeforeAgentExecution", function() calls = calls + 1 error("broken") end, { name = "broken" })
local agent = Agent.create { name = "ann", model = "mock/echo" }
for _ = 1, 5 do agent:execute("hi") end
local info = Hook.list("BeforeAgentExecution")[1]
local opened = Event.receive(events, 0)
h:unregister()
local late = Hook.register("BeforeAgentExecution", function() Utils.sleep(5) end, { timeout_ms = 20 })
local in_time = agent:execute("hi").text ~= nil
late:unregister()
Hook.register("BeforeAgentExecution", function() error("closed") end, { name = "strict", fail_closed = true })
local _, closed = pcall(agent.execute, agent, "hi")
Hook.register("ConfigurationChange", function() return { type = "retry" } end, { name = "odd", fail_closed = true })
for n = 1, 4 do Config.set("x.y", n) end
local odd = Hook.list("ConfigurationChange")[1]
return {
  calls = calls, failures = info.failures, breaker = info.breaker, opened = { opened.type, opened.data.hook, opened.data.point },
  in_time = in_time, closed = { closed.kind, closed.details.hook }, odd = { odd.failures, odd.breaker, Config.get("x.y") },
}
