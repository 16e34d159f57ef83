-- The past of an agent: each transition with its reason, and how long it was in which state.
local agent = Agent.create { model = "mock/echo" }
agent:initialize()
agent:execute("hi")
local history, timed = {}, 0
for index, step in ipairs(agent:get_state_history()) do
  history[index] = { step.from, step.to, step.reason }
  if type(step.timestamp) == "string" and step.elapsed >= 0 then
    timed = timed + 1
  end
end
local metrics = agent:get_state_metrics()
return {
  history = history,
  timed = timed,
  metrics = {
    metrics.current_state, metrics.total_transitions, metrics.recovery_attempts, metrics.error_count,
    metrics.uptime >= 0, type(metrics.last_transition), metrics.state_time_distribution.Ready >= 0,
  },
}
