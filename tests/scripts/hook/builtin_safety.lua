-- What built-in hooks must not do: swallow effects, mix up answers, let through what they are to stop.
local runs = 0
Tool.define { name = "send", description = "sends", parameters = { { name = "text", type = "string" } }, execute = function() runs = runs + 1 error("broken", 0) end }
Tool.define { name = "count", description = "counts", execute = function() runs = runs + 1 return runs end }
local file = "/tmp/llmspell" .. Tool.uuid_generator {}.output:gsub("-", "")
local agent = Agent.create { name = "ann", model = "mock/echo" }
local function with(name, config, act)
  Hook.enable_builtin(name, config)
  local outcome = act()
  Hook.disable_builtin(name)
  return outcome
end
local function ask(input)
  local ok, r = pcall(agent.execute, agent, input)
  if ok then return r.metadata.cache_hit or false end
  return { r.kind, r.details.hook }
end
local seen = {}
seen.caching = with("CachingOptimizer", { min_execution_time_ms = 0, cache_agents = true, ttl_by_component = { t = 300 } }, function()
  local write = { operation = "write", path = file .. "/a.txt", input = "a" }
  Tool.file_operations(write)
  Tool.file_operations { operation = "delete", path = file .. "/a.txt" }
  Tool.file_operations(write)
  local kept = Tool.file_operations({ operation = "exists", path = file .. "/a.txt" }).output
  Tool.count()
  Tool.count()
  local hit = function() return Tool.calculator({ input = "1 + 1" }).metadata.cache_hit or false end
  return {
    kept, runs, hit(), hit(), ask("hi"), ask("hi"), ask { text = "hi", variables = { a = 1 } }, ask { text = "hi", temperature = 0.5 },
    agent:execute("hi").usage.total_tokens,
  }
end)
seen.mock = { with("MockProvider", { mock_file = file .. "/none.json" }, function() return ask("hi") end) }
Tool.file_operations { operation = "write", path = file .. "/bad.json", input = "{" }
seen.mock[2] = with("MockProvider", { mock_file = file .. "/bad.json" }, function() return ask("hi") end)
seen.mock[3] = with("MockProvider", { mock_file = file .. "/bad.json", fallback_to_real = true }, function() return ask("hi") end)
seen.validator = with("SecurityValidator", nil, function() return ask { text = "hi", variables = { x = "../../etc/passwd" } } end)
local h = Hook.register("BeforeAgentExecution", function(ctx) seen.sanitizer = { ctx.data.prompt, ctx.data.variables.x } end)
with("InputSanitizer", nil, function() return ask { text = " hi ", variables = { x = " a " } } end)
h:unregister()
local audit = Event.subscribe("audit.record")
seen.audit = with("AuditLogger", { destinations = { "event" } }, function()
  State.save("audited", 1)
  local before, after = Event.receive(audit).data, Event.receive(audit).data
  return { before.point, JSON.parse(before.input).key, after.point }
end)
runs = 0
local failed = with("RetryHandler", { initial_delay_ms = 1, max_retries = 1, retryable_errors = { "script" } }, function() return Tool.send {} end)
seen.notes = { failed.success, failed.metadata.retries, failed.metadata.retry_handler_at ~= nil, runs }
local fork = Hook.register("ToolError", function() return { type = "fork", operations = { { operation_type = "tool:count" } } } end)
seen.forks = Tool.send({}).metadata.forks[1].success
fork:unregister()
local pair = {}
for i, point in ipairs { "BeforeToolExecution", "AfterToolExecution" } do
  pair[i] = Hook.register(point, function() return { type = "cache", key = "k" } end)
end
local first, second = Tool.calculator { input = "2 * 3" }, Tool.calculator { input = "2 * 3" }
seen.pair = { first.output, second.output, first.data.result == second.data.result }
for _, own in ipairs(pair) do own:unregister() end
Tool.file_operations { operation = "delete", path = file, recursive = true }
local function refused(name, config)
  local ok, e = pcall(Hook.enable_builtin, name, config)
  if ok then Hook.disable_builtin(name) end
  return not ok and e.kind == "invalid_args"
end
seen.refused = {
  refused("MetricsCollector", { percentiles = { 150 } }), refused("MetricsCollector", { percentiles = { -5 } }), refused("CachingOptimizer", { default_ttl = -5 }),
  refused("HealthChecker", { unhealthy_threshold = 0 }), refused("CircuitBreaker", { failure_threshold = 0 }), refused("CircuitBreaker", { fallback_action = "redirect" }),
  refused("RateLimiter", { warning_threshold = 9 }), refused("CostTracker", { daily_limit = -1 }), refused("RetryHandler", { initial_delay_ms = -1 }),
  refused("RetryHandler", { retryable_errors = { "nonsense" } }),
}
return seen
