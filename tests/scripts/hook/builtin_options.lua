-- What the options of built-in hooks change.
local runs = 0
Tool.define { name = "t", description = "t", parameters = { { name = "text", type = "string" } }, execute = function(p) runs = runs + 1 return (p.text or "") .. "!" end }
Tool.define { name = "spare", description = "spare", parameters = { { name = "text", type = "string" } }, execute = function() return "spare" end }
local function call(text)
  local ok, r = pcall(Tool.invoke, "t", { text = text })
  return ok and r or { kind = r.kind }
end
local function with(name, config, act)
  Hook.enable_builtin(name, config)
  local outcome = act()
  Hook.disable_builtin(name)
  return outcome
end
local function refused(name, config)
  local _, e = pcall(Hook.enable_builtin, name, config)
  return e.kind
end
local file = "/tmp/llmspell" .. Tool.uuid_generator {}.output:gsub("-", "")
local function lines(path)
  local count, first = 0, nil
  for line in (Tool.file_operations { operation = "read", path = path }.output):gmatch("[^\n]+") do
    count, first = count + 1, first or JSON.parse(line)
  end
  return count, first
end
local limits = { capacity = 2, burst_capacity = 0, refill_rate = 0.01, warning_threshold = 0.6, header_prefix = "R-" }
local function limited(action, more)
  local config = { action = action }
  for name, value in pairs(limits) do config[name] = value end
  for name, value in pairs(more or {}) do config[name] = value end
  return with("RateLimiter", config, function()
    local all = {}
    for i = 1, 3 do all[i] = call("x") end
    local m = all[2].metadata
    return { all[3].output or all[3].kind, m["R-Remaining"], m["R-Limit"], m["R-Warning"], all[1].metadata["R-Warning"] == nil }
  end)
end
local seen = {}
seen.cancel = limited("Cancel")
seen.redirect = limited("Redirect", { redirect_target = "spare" })
seen.cached = limited("ReturnCached")
seen.no_target = refused("RateLimiter", { action = "Redirect" })
seen.normalized = { with("InputSanitizer", nil, function() return call("e\u{301}").output end) == "é!", with("InputSanitizer", { normalize_unicode = false }, function() return call("e\u{301}").output end) == "é!" }
seen.errors = refused("CachingOptimizer", { cache_errors = true })
seen.small = with("CachingOptimizer", { max_cache_size_mb = 0, min_execution_time_ms = 0 }, function() runs = 0 call("a") call("a") return runs end)
local audit = Event.subscribe("audit.record")
seen.audit = with("AuditLogger", { destinations = { "event", "file:" .. file .. "/audit.jsonl" }, include_output = true }, function()
  call("a")
  call("b")
  local count, first = lines(file .. "/audit.jsonl")
  local event = Event.receive(audit)
  return { count, first.point, first.component, first.input, event.data.point, event.data.component }
end)
seen.old = with("AuditLogger", { destinations = { "file:" .. file .. "/audit.jsonl" }, retention_days = 0 }, function()
  Utils.sleep(0.002)
  call("c")
  local count = lines(file .. "/audit.jsonl")
  return count
end)
seen.destination = refused("AuditLogger", { destinations = { "nowhere" } })
seen.metrics = with("MetricsCollector", { metrics = { calls = { point = "BeforeToolExecution" }, letters = { point = "BeforeToolExecution", value = "parameters.text" }, last = { point = "BeforeToolExecution", value = "parameters.text", type = "gauge" } } }, function()
  call("abc")
  call("de")
  return Hook.metrics().metrics
end)
seen.text = with("MetricsCollector", { labels = { team = "blue" } }, function()
  call("abc")
  return Hook.metrics("prometheus"):find('llmspell_operations_total{operation="tool:t",outcome="succeeded",team="blue"} 1', 1, true) ~= nil
end)
seen.export = with("MetricsCollector", { export_endpoint = file .. "/numbers.json", aggregation_window = 0 }, function()
  call("abc")
  while true do
    local ok, exists = pcall(Tool.file_operations, { operation = "exists", path = file .. "/numbers.json" })
    if ok and exists.output == true then break end
    Utils.sleep(0.005)
  end
  return JSON.parse(Tool.file_operations { operation = "read", path = file .. "/numbers.json" }.output).points ~= nil
end)
seen.unknown = refused("MetricsCollector", { metrics = { x = { point = "Nowhere" } } })
local agent = Agent.create { name = "ann", model = "mock/echo" }
local model = agent:execute("x").model
seen.costs = with("CostTracker", { model_costs = { [model] = { input = 1000, output = 1000 } }, export_path = file .. "/costs.csv", export_format = "csv" }, function()
  agent:execute("hello there")
  local costs = Hook.metrics().costs
  local written = Tool.file_operations { operation = "read", path = file .. "/costs.csv" }.output
  return { costs.total > 0, costs.by_agent.ann == costs.total, written:match("^[^\n]+"), written:find('agent,"ann",', 1, true) ~= nil }
end)
local long = string.rep("a\n", 40) .. "the end"
seen.optimizer = {
  with("TokenOptimizer", { compression_level = 2 }, function() return agent:execute("a\n\nb").text end),
  with("TokenOptimizer", { max_context_tokens = 5, preserve_recent = 1, summarize_context = true }, function() return agent:execute(long).text:match("%[%d+ bytes left out%]\nthe end$") ~= nil end),
  refused("TokenOptimizer", { compression_level = 9 }),
}
Tool.file_operations { operation = "delete", path = file, recursive = true }
return seen
