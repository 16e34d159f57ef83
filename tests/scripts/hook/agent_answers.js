// Every result before an agent, after it, and after one that failed.
const agent = await Agent.create({ name: "ann", model: "mock/echo" });
const poor = await Agent.create({ name: "cid", model: "openai/gpt-4o" });
await Agent.create({ name: "bob", model: "mock/x", settings: { responses: ["I am bob", "I am bob", "I am bob"] } });
async function using(point, who, answer) {
  let tries = 0;
  const h = await Hook.register(point, (ctx) => {
    if (ctx.agent_name !== who.name) return;
    tries += 1;
    return answer;
  });
  try {
    const r = await who.execute("hello");
    return { text: r.text, skipped: r.metadata.skipped, tries };
  } catch (e) {
    return { kind: e.kind, message: e.kind === "cancelled" ? e.message : undefined, tries };
  } finally {
    await h.unregister();
  }
}
const all = async (point, who) => ({
  continue: await using(point, who, "continue"), cancel: await using(point, who, "no"), skipped: await using(point, who, "skip"),
  redirect: await using(point, who, { type: "redirect", target: "bob" }),
  replace: await using(point, who, { type: "replace", data: "instead" }),
  retry: await using(point, who, { type: "retry", delay_ms: 1, max_attempts: 2 }),
  fallback: await using(point, who, { type: "retry", delay_ms: 1, max_attempts: 2, fallback_data: "saved" }),
  fork: await using(point, who, { type: "fork", operations: [{ operation_type: "tool:calculator", parameters: { input: "1" } }] }),
  cache: await using(point, who, { type: "cache", key: "k", result: "kept" }),
});
export default { before: await all("BeforeAgentExecution", agent), after: await all("AfterAgentExecution", agent), failed: await all("AgentError", poor) };
