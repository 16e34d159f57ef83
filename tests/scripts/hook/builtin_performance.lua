-- PerformanceMonitor: what operations take; slow ones are said.
Tool.define { name = "t", description = "t", execute = function() Utils.sleep(0.02) return "done" end }
local sub = Event.subscribe("performance.slow")
Hook.enable_builtin("PerformanceMonitor", { slow_threshold_ms = 10, enable_profiling = true })
Tool.invoke("t", {})
local profile = Tool.invoke("t", {}).metadata.performance
local event = Event.receive(sub)
local numbers = Hook.metrics().performance["tool:t"]
Hook.enable_builtin("PerformanceMonitor", { track_cpu = false, track_memory = false, enable_profiling = true })
local bare = Tool.invoke("t", {}).metadata.performance
return {
  profile = { profile.duration_ms >= 20, profile.slow, profile.cpu_ms >= 0, profile.memory_bytes >= 0 },
  event = { event.data.component, event.data.duration_ms >= 10, event.data.threshold_ms },
  numbers = { numbers.count, numbers.slow, numbers.mean_ms >= 20, numbers.p95_ms >= 20, numbers.max_ms >= numbers.p95_ms, numbers.cpu_ms > 0 },
  bare = { bare.slow, bare.cpu_ms == nil, bare.memory_bytes == nil },
}
