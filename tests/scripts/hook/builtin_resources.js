// ResourceLimiter: how much happens at the same time, memory, processor time.
await Tool.define({ name: "t", description: "t", parameters: [{ name: "bad", type: "boolean" }], execute: async (p) => {
  await Utils.sleep(0.2);
  if (p.bad) throw new Error("bad");
  return "done";
} });
async function call(params = {}) {
  try {
    const r = await Tool.invoke("t", params);
    return r.output ?? r.error;
  } catch (e) {
    return [e.kind, e.message, e.details.hook];
  }
}
async function both() {
  const outcomes = await Promise.all([call(), call()]);
  return outcomes.sort((a, b) => (typeof b === "string") - (typeof a === "string"));
}
async function using(config, act) {
  await Hook.enableBuiltin("ResourceLimiter", config);
  const outcome = await act();
  await Hook.disableBuiltin("ResourceLimiter");
  return outcome;
}
const agent = await Agent.create({ name: "ann", model: "mock/any", tools: ["t"],
  settings: { responses: [{ tool_calls: [{ name: "t", arguments: {} }] }, "ended"] } });
export default {
  cancelled: await using({ max_concurrent: 1 }, both),
  queued: await using({ max_concurrent: 1, action_on_limit: "queue" }, both),
  full: await using({ max_concurrent: 1, max_queue_size: 0, action_on_limit: "queue" }, both),
  late: await using({ max_concurrent: 0, timeout_ms: 10, action_on_limit: "queue" }, () => call()),
  within: await using({ max_concurrent: 1 }, async () => (await agent.execute("go")).tool_calls[0].result),
  freed: await using({ max_concurrent: 1 }, async () => [await call({ bad: true }), await call()]),
  memory: await using({ max_memory_mb: 1 }, async () => (await call())[1].match(/MB of memory are used, at most 1 may be/)[0]),
  processor: await using({ max_cpu_seconds: 0 }, async () => { await call(); return (await call())[1].match(/s of processor time are used, at most 0 may be/)[0]; }),
};
