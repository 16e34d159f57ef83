-- What each built-in hook does.
local runs, broken = 0, false
Tool.define { name = "t", description = "t", parameters = { { name = "text", type = "string" } }, execute = function(p)
  runs = runs + 1
  if broken then error("broken", 0) end
  return p.text or "none"
end }
local function call(params, times)
  runs = 0
  local last
  for _ = 1, times or 1 do
    local ok, r = pcall(Tool.invoke, "t", params or {})
    last = ok and { output = r.output, error = r.error, cache_hit = r.metadata.cache_hit, retries = r.metadata.retries } or { kind = r.kind, message = r.message, hook = r.details.hook }
  end
  last.runs = runs
  return last
end
local function with(name, config, act)
  Hook.enable_builtin(name, config)
  local outcome = act()
  Hook.disable_builtin(name)
  return outcome
end
local seen = {}
seen.security = with("SecurityValidator", nil, function()
  return { call { text = "../../etc/passwd" }, call { text = "' OR 1=1" }, call { text = "<script>x" }, call { text = "a; rm -rf /" }, call { text = "fine" } }
end)
seen.sanitizer = with("InputSanitizer", { redact_patterns = { "\\d{3}" }, escape_html = true }, function() return call { text = "  a <b> 123\0 " } end)
seen.authorization = with("AuthorizationChecker", { role = "guest", allowed_roles = { guest = { "calc*" } } }, function()
  return { call(), Tool.calculator({ input = "1" }).output }
end)
seen.rate = with("RateLimiter", { capacity = 2, burst_capacity = 0, refill_rate = 0.01 }, function()
  local outcome = call({}, 3)
  outcome.message = outcome.message:match("^the rate limit of 2 operations is used up") ~= nil
  return outcome
end)
seen.caching = with("CachingOptimizer", { min_execution_time_ms = 0, ttl_by_component = { t = 300 } }, function() return { call({ text = "a" }, 2), call { text = "b" } } end)
broken = true
seen.retry = with("RetryHandler", { initial_delay_ms = 1, max_retries = 2, retryable_errors = { "script" } }, function() return call() end)
seen.not_retried = with("RetryHandler", { initial_delay_ms = 1 }, function() return call() end)
seen.breaker = with("CircuitBreaker", { failure_threshold = 2 }, function() return call({}, 4) end)
broken = false
seen.metrics = with("MetricsCollector", { labels = { team = "blue" } }, function()
  call({}, 3)
  local m = Hook.metrics()
  local t = m.operations["tool:t"]
  return { t.count, t.succeeded, t.failed, t.duration_ms.percentiles.p50 ~= nil, m.points.BeforeToolExecution, m.labels.team }
end)
local agent = Agent.create { name = "ann", model = "mock/echo" }
local function ask(text)
  local ok, r = pcall(agent.execute, agent, text)
  return ok and { text = r.text, cost = r.metadata.cost_total and r.metadata.cost_total > 0, level = r.metadata.cost_alert_level, stamped = r.metadata.cost_tracker_at ~= nil } or { kind = r.kind, hook = r.details.hook }
end
seen.optimizer = with("TokenOptimizer", nil, function() return ask("a    b\n\n\n\nc").text == agent:execute("a b\n\nc").text end)
local model = agent:execute("x").model
seen.cost = with("CostTracker", { model_costs = { [model] = { input = 1000, output = 1000 } }, alert_threshold = { critical = 0.000001 } }, function()
  local first, second = ask("hello there"), ask("hello there")
  first.text = nil
  return { first, second }
end)
for _, name in ipairs { "AuditLogger", "DebugLogger" } do
  seen[name] = with(name, nil, function()
    call()
    return Hook.list({ tag = "builtin", hook_point = "AfterToolExecution" })[1].executions
  end)
end
return seen
