// The past of an agent: each transition with its reason, and how long it was in which state.
const agent = await Agent.create({ model: "mock/echo" });
await agent.initialize();
await agent.execute("hi");
const steps = await agent.getStateHistory();
const metrics = await agent.getStateMetrics();
export default {
  history: steps.map((step) => [step.from, step.to, step.reason]),
  timed: steps.filter((step) => typeof step.timestamp === "string" && step.elapsed >= 0).length,
  metrics: [
    metrics.current_state, metrics.total_transitions, metrics.recovery_attempts, metrics.error_count,
    metrics.uptime >= 0, typeof metrics.last_transition, metrics.state_time_distribution.Ready >= 0,
  ],
};
