-- HealthChecker: who keeps failing is said, and left alone if so configured.
local broken, runs = true, 0
Tool.define { name = "t", description = "t", execute = function()
  runs = runs + 1
  if broken then error("broken", 0) end
  return "fine"
end }
local function call()
  local ok, r = pcall(Tool.invoke, "t", {})
  return ok and (r.metadata.health_status or r.error) or { r.kind, r.message }
end
local function calls(count)
  local outcomes = {}
  for i = 1, count do outcomes[i] = call() end
  return outcomes
end
local sub = Event.subscribe("health.*")
Hook.enable_builtin("HealthChecker")
local failing = calls(3)
local unhealthy = Hook.metrics().health["tool:t"]
broken = false
local recovering = calls(2)
local events = {}
for i, e in ipairs(Event.receive_batch(sub)) do events[i] = { e.type, e.data.component, e.data.failures } end
broken, runs = true, 0
Hook.enable_builtin("HealthChecker", { unhealthy_threshold = 2, healthy_threshold = 1, on_unhealthy = "cancel" })
local refused = calls(4)
local refused_runs = runs
Hook.enable_builtin("HealthChecker", { unhealthy_threshold = 1, check_interval = 0, on_unhealthy = "cancel" })
local tried = calls(3)
Hook.enable_builtin("HealthChecker", { unhealthy_threshold = 1, checks = { ping = { operation = "tool:calculator", parameters = { input = "1 / 0" } } } })
call()
local check
while not check do
  Utils.sleep(0.005)
  check = Hook.metrics().health.ping
end
return { failing = failing, unhealthy = unhealthy, recovering = recovering, events = events, refused = refused, runs = refused_runs, tried = tried, check = check.healthy }
