-- Built-in hooks are enabled, configured, listed and disabled by name.
local function failure(...)
  local _, e = pcall(...)
  return { e.kind, e.message }
end
local names, before = {}, {}
for i, b in ipairs(Hook.list_builtin()) do names[i] = b.name if b.enabled then before[#before + 1] = b.name end end
Hook.enable_builtin("RetryHook", { max_retries = 2 })
Hook.enable_builtin { { name = "SecurityValidator" }, { name = "MetricsCollector", config = { percentiles = { 50 } } } }
Hook.enable_builtin("RetryHandler", { max_retries = 5 })
local retry, enabled = nil, {}
for _, b in ipairs(Hook.list_builtin()) do
  if b.name == "RetryHandler" then retry = b end
  if b.enabled then enabled[#enabled + 1] = b.name end
end
local hooks = #Hook.list { tag = "builtin", hook_point = "ToolError" }
local on = { Hook.is_builtin_enabled("RetryHandler"), Hook.is_builtin_enabled("RetryHook"), Hook.is_builtin_enabled("DebugLogger") }
Hook.disable_builtin { "RetryHandler", "SecurityValidator" }
local off = Hook.is_builtin_enabled("RetryHandler")
Hook.disable_all_builtin()
return {
  names = names, before = #before, enabled = enabled, retry = { retry.priority, retry.points, retry.config.max_retries, retry.config.strategy },
  hooks = hooks, on = on, off = off, left = #Hook.list(),
  unknown = failure(Hook.enable_builtin, "RetryHandlr"), value = failure(Hook.enable_builtin, "RetryHandler", { max_retries = "many" })[1],
  key = failure(Hook.enable_builtin, "RetryHandler", { retries = 1 })[1],
}
