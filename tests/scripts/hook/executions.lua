-- What is published of calls of hooks, and the other names of built-in hooks.
local id = Event.subscribe("hook.**")
local mine = Hook.register("BeforeToolExecution", function() return { type = "modified", data = {} } end, { name = "mine" })
local bad = Hook.register("AfterToolExecution", function() error("broken") end, { name = "bad" })
Tool.calculator { input = "1" }
mine:unregister()
bad:unregister()
local seen, correlations = {}, {}
for i, e in ipairs(Event.receive_batch(id, { timeout_ms = 0 })) do
  local d = e.data
  seen[i] = table.concat({ e.type, d.point, d.hook or d.hooks, d.result or "", d.duration_ms and "timed" or "" }, " ")
  correlations[e.correlation_id] = true
end
local operations = 0
for _ in pairs(correlations) do operations = operations + 1 end
local names = {}
for alias, name in pairs {
  LoggingHook = "AuditLogger", MetricsHook = "MetricsCollector", DebuggingHook = "DebugLogger", SecurityHook = "SecurityValidator",
  CachingHook = "CachingOptimizer", RateLimitHook = "RateLimiter", RetryHook = "RetryHandler", CostTrackingHook = "CostTracker",
} do
  Hook.enable_builtin(alias)
  local enabled = Hook.is_builtin_enabled(name)
  Hook.disable_builtin(alias)
  names[alias] = enabled and not Hook.is_builtin_enabled(name)
end
return { seen = seen, operations = operations, names = names }
