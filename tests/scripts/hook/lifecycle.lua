-- Hooks of an agent's beginning and end, of listings, and of what goes wrong in the run.
local seen = {}
local function watch(point, show)
  Hook.register(point, function(ctx) seen[point] = show(ctx.data) end)
end
watch("BeforeAgentInit", function(d) return { d.agent_name, d.model } end)
watch("AfterAgentInit", function(d) return { d.agent_name, d.duration_ms >= 0 } end)
watch("BeforeAgentShutdown", function(d) return { d.agent_name, d.reason } end)
watch("AfterAgentShutdown", function(d) return { d.agent_name, type(d.metrics) } end)
watch("BeforeToolDiscovery", function(d) return { d.filter.category, d.caller } end)
watch("AfterToolDiscovery", function(d) return { #d.tools == d.discovered_count, d.discovered_count > 0 } end)
watch("ResourceLimitExceeded", function(d) return { d.operation, d.limit } end)
watch("SecurityViolation", function(d) return { d.operation, d.violation } end)
watch("BeforeEventEmit", function(d) return { d.event_type, d.payload, d.source } end)
watch("AfterEventEmit", function(d) return { d.event_type, d.delivered, d.dropped, #d.event_id } end)
watch("EventHandlerError", function(d) return { d.event_type, d.error_message:match("oh no") } end)
watch("ConfigurationChange", function(d) return { d.key, d.old_value or "none", d.new_value } end)
Tool.discover { category = "utility" }
local agent = Agent.create { name = "ann", model = "mock/echo" }
agent:execute("hi")
agent:destroy()
local id = Event.subscribe("full", { max_queue_size = 1, backpressure = "reject" })
Event.publish("full", 1)
pcall(Event.publish, "full", 2)
pcall(Config.set, "security.level", "none")
Config.set("x.y", 5)
Event.on("bad", function() error("oh no") end)
Event.publish("bad", 3, { source = "me" })
Utils.sleep(0.05)
return seen
