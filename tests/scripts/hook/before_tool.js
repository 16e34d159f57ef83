// Every result before a tool.
let runs = 0;
await Tool.define({ name: "count", description: "Counts", parameters: [{ name: "n", type: "integer" }], execute: (p) => { runs += 1; return (p.n ?? 0) + 100; } });
await Tool.define({ name: "other", description: "Another", parameters: [{ name: "n", type: "integer" }], execute: (p) => ({ other: p.n }) });
async function run(answer, params = { n: 1 }) {
  const before = runs;
  const h = await Hook.register("BeforeToolExecution", (ctx) => (ctx.tool_name === "count" ? answer : null));
  try {
    const r = await Tool.invoke("count", params);
    const m = r.metadata;
    return { success: r.success, output: r.output, error: r.error, skipped: m.skipped, reason: m.skip_reason, forks: m.forks?.length, runs: runs - before };
  } catch (e) {
    return { kind: e.kind, message: e.message, point: e.details.hook_point, named: e.details.hook !== undefined, runs: runs - before };
  } finally {
    await h.unregister();
  }
}
const first = await run({ type: "cache", key: "k", ttl: 60 });
export default {
  continue: await run("continue"), nothing: await run(null), number: await run(3), unknown: await run({ type: "what" }),
  modified: await run({ type: "modified", data: { parameters: { n: 5 } } }),
  cancel: await run({ type: "cancel", reason: "not today" }), text: await run("no way"), no_reason: (await run({ type: "cancel" })).kind,
  redirect: await run({ type: "redirect", target: "other" }),
  replace: await run({ type: "replace", data: "instead" }),
  retry: await run({ type: "retry", delay_ms: 1, max_attempts: 2 }),
  fallback: await run({ type: "retry", delay_ms: 1, max_attempts: 1, fallback_data: 9 }),
  fork: await run({ type: "fork", operations: [{ id: "a", operation_type: "tool:other", parameters: { n: 7 } }, { operation_type: "tool:none" }] }),
  cache: [first, await run({ type: "cache", key: "k", ttl: 60 }), await run({ type: "cache", key: "given", result: 4 })],
  skipped: await run({ type: "skipped", reason: "lazy" }), skip: await run("skip"),
  step: (await run({ continue_execution: false })).kind,
  wrong: (await run({ type: "modified", data: { parameters: { n: "x" } } })).success,
};
