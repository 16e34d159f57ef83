// Health follows the share of failed executions among the last twenty.
const fail = { error: { kind: "auth" } };
const agent = await Agent.create({ model: "mock/script", settings: { responses: ["a", "b", "c", fail, "d"] } });
async function health() {
  const { status, message, timestamp } = await agent.getHealth();
  return { status, message, timestamp: typeof timestamp, is_healthy: await agent.isHealthy() };
}
const seen = [await health()];
for (let call = 0; call < 3; call++) await agent.execute("go");
seen.push(await health());
await agent.execute("go").catch(() => {});
seen.push(await health());
await agent.setError("broken");
seen.push(await health());
export default seen;
