// What an agent did and used, as measured numbers.
const fail = { error: { kind: "auth" } };
const agent = await Agent.create({ name: "a", model: "mock/script", settings: { responses: ["one", fail, "two"] } });
const zeros = await agent.getPerformance();
await agent.execute("go");
await agent.execute("go").catch(() => {});
await agent.invokeTool("calculator", { input: "1" });
const metrics = await agent.getMetrics();
const performance = await agent.getPerformance();
const run = await agent.getBridgeMetrics();
export default {
  agent_id: metrics.agent_id === agent.id,
  requests: [metrics.requests_total, metrics.requests_failed, metrics.requests_active],
  tool_invocations: metrics.tool_invocations,
  cost_usd: metrics.cost_usd,
  measured: [metrics.tokens_total > 0, metrics.memory_bytes > 0, metrics.cpu_percent >= 0],
  zeros,
  performance: [
    performance.total_executions, performance.success_rate, performance.error_rate, performance.avg_execution_time_ms >= 0,
  ],
  run: [
    run.active_agents, run.total_tools === (await Tool.list()).length, run.performance.memory_usage_mb >= 0,
    run.performance.cpu_usage_percent >= 0, run.performance.uptime_seconds >= 0,
  ],
};
