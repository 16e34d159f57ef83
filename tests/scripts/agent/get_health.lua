-- Health follows the share of failed executions among the last twenty.
local fail = { error = { kind = "auth" } }
local agent = Agent.create { model = "mock/script", settings = { responses = { "a", "b", "c", fail, "d" } } }
local function health()
  local report = agent:get_health()
  return { status = report.status, message = report.message, timestamp = type(report.timestamp), is_healthy = agent:is_healthy() }
end
local seen = { health() }
for _ = 1, 3 do
  agent:execute("go")
end
seen[2] = health()
pcall(agent.execute, agent, "go")
seen[3] = health()
agent:set_error("broken")
seen[4] = health()
return seen
