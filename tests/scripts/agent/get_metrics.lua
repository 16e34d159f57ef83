-- What an agent did and used, as measured numbers.
local fail = { error = { kind = "auth" } }
local agent = Agent.create { name = "a", model = "mock/script", settings = { responses = { "one", fail, "two" } } }
local zeros = agent:get_performance()
agent:execute("go")
pcall(agent.execute, agent, "go")
agent:invoke_tool("calculator", { input = "1" })
local metrics, performance, run = agent:get_metrics(), agent:get_performance(), agent:get_bridge_metrics()
return {
  agent_id = metrics.agent_id == agent.id,
  requests = { metrics.requests_total, metrics.requests_failed, metrics.requests_active },
  tool_invocations = metrics.tool_invocations,
  cost_usd = metrics.cost_usd,
  measured = { metrics.tokens_total > 0, metrics.memory_bytes > 0, metrics.cpu_percent >= 0 },
  zeros = zeros,
  performance = {
    performance.total_executions, performance.success_rate, performance.error_rate, performance.avg_execution_time_ms >= 0,
  },
  run = {
    run.active_agents, run.total_tools == #Tool.list(), run.performance.memory_usage_mb >= 0,
    run.performance.cpu_usage_percent >= 0, run.performance.uptime_seconds >= 0,
  },
}
