-- ResourceLimiter: how much happens at the same time, memory, processor time.
Tool.define { name = "t", description = "t", parameters = { { name = "bad", type = "boolean" } }, execute = function(p)
  Utils.sleep(0.2)
  if p.bad then error("bad", 0) end
  return "done"
end }
local function call(params)
  local ok, r = pcall(Tool.invoke, "t", params or {})
  return ok and (r.output or r.error) or { r.kind, r.message, r.details.hook }
end
local function both()
  local outcomes = Async.all { function() return call() end, function() return call() end }
  table.sort(outcomes, function(a, b) return type(a) == "string" and type(b) ~= "string" end)
  return outcomes
end
local function with(config, act)
  Hook.enable_builtin("ResourceLimiter", config)
  local outcome = act()
  Hook.disable_builtin("ResourceLimiter")
  return outcome
end
local agent = Agent.create { name = "ann", model = "mock/any", tools = { "t" },
  settings = { responses = { { tool_calls = { { name = "t", arguments = {} } } }, "ended" } } }
return {
  cancelled = with({ max_concurrent = 1 }, both),
  queued = with({ max_concurrent = 1, action_on_limit = "queue" }, both),
  full = with({ max_concurrent = 1, max_queue_size = 0, action_on_limit = "queue" }, both),
  late = with({ max_concurrent = 0, timeout_ms = 10, action_on_limit = "queue" }, call),
  within = with({ max_concurrent = 1 }, function() return agent:execute("go").tool_calls[1].result end),
  freed = with({ max_concurrent = 1 }, function() return { call { bad = true }, call() } end),
  memory = with({ max_memory_mb = 1 }, function() return call()[2]:match("MB of memory are used, at most 1 may be") end),
  processor = with({ max_cpu_seconds = 0 }, function() call() return call()[2]:match("s of processor time are used, at most 0 may be") end),
}
