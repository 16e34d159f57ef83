// Results before and after an agent, and after one that failed.
const agent = await Agent.create({ name: "ann", model: "mock/echo" });
await Agent.create({ name: "bob", model: "mock/x", settings: { responses: ["I am bob", "I am bob"] } });
const poor = await Agent.create({ name: "cid", model: "openai/gpt-4o" });
async function run(point, who, answer) {
  const h = await Hook.register(point, (ctx) => (ctx.agent_name === who.name ? (typeof answer === "function" ? answer(ctx) : answer) : null));
  try {
    const r = await who.execute("hello");
    return { text: r.text, skipped: r.metadata.skipped, forks: r.metadata.forks?.[0].result };
  } catch (e) {
    return { kind: e.kind, message: e.kind === "cancelled" ? e.message : undefined };
  } finally {
    await h.unregister();
  }
}
const before = "BeforeAgentExecution", after = "AfterAgentExecution", failed = "AgentError";
const plain = (await agent.execute("hello")).text;
export default {
  prompt: (await run(before, agent, { type: "modified", data: { prompt: "HELLO" } })).text !== plain,
  input: (await run(before, agent, { type: "modified", data: { input: { text: "HELLO" } } })).text !== plain,
  before: {
    cancel: await run(before, agent, "no"), skipped: await run(before, agent, "skip"), replace: await run(before, agent, { type: "replace", data: "canned" }),
    redirect: await run(before, agent, { type: "redirect", target: "bob" }),
    fork: (await run(before, agent, { type: "fork", operations: [{ operation_type: "agent:bob", parameters: { text: "x" } }] })).forks,
  },
  after: {
    modified: (await run(after, agent, (ctx) => ({ type: "modified", data: { text: ctx.data.text.toUpperCase() } }))).text === plain.toUpperCase(),
    cancel: await run(after, agent, "no"), replace: await run(after, agent, { type: "replace", data: { text: "other" } }),
  },
  failed: {
    error: (await run(failed, poor, null)).kind !== undefined, replace: await run(failed, poor, { type: "replace", data: "sorry" }),
    cancel: await run(failed, poor, "enough"),
  },
};
