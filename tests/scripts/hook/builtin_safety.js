// What built-in hooks must not do: swallow effects, mix up answers, let through what they are to stop.
let runs = 0;
await Tool.define({ name: "send", description: "sends", parameters: [{ name: "text", type: "string" }], execute: () => { runs += 1; throw new Error("broken"); } });
await Tool.define({ name: "count", description: "counts", execute: () => { runs += 1; return runs; } });
const file = "/tmp/llmspell" + (await Tool.uuid_generator({})).output.replaceAll("-", "");
const agent = await Agent.create({ name: "ann", model: "mock/echo" });
async function using(name, config, act) {
  await Hook.enableBuiltin(name, config);
  const outcome = await act();
  await Hook.disableBuiltin(name);
  return outcome;
}
async function ask(input) {
  try {
    return (await agent.execute(input)).metadata.cache_hit ?? false;
  } catch (e) {
    return [e.kind, e.details.hook];
  }
}
const seen = {};
seen.caching = await using("CachingOptimizer", { min_execution_time_ms: 0, cache_agents: true, ttl_by_component: { t: 300 } }, async () => {
  const write = { operation: "write", path: file + "/a.txt", input: "a" };
  await Tool.file_operations(write);
  await Tool.file_operations({ operation: "delete", path: file + "/a.txt" });
  await Tool.file_operations(write);
  const kept = (await Tool.file_operations({ operation: "exists", path: file + "/a.txt" })).output;
  await Tool.invoke("count");
  await Tool.invoke("count");
  const hit = async () => (await Tool.calculator({ input: "1 + 1" })).metadata.cache_hit ?? false;
  return [
    kept, runs, await hit(), await hit(), await ask("hi"), await ask("hi"), await ask({ text: "hi", variables: { a: 1 } }), await ask({ text: "hi", temperature: 0.5 }),
    (await agent.execute("hi")).usage.total_tokens,
  ];
});
seen.mock = [await using("MockProvider", { mock_file: file + "/none.json" }, () => ask("hi"))];
await Tool.file_operations({ operation: "write", path: file + "/bad.json", input: "{" });
seen.mock.push(await using("MockProvider", { mock_file: file + "/bad.json" }, () => ask("hi")));
seen.mock.push(await using("MockProvider", { mock_file: file + "/bad.json", fallback_to_real: true }, () => ask("hi")));
seen.validator = await using("SecurityValidator", null, () => ask({ text: "hi", variables: { x: "../../etc/passwd" } }));
const h = await Hook.register("BeforeAgentExecution", (ctx) => { seen.sanitizer = [ctx.data.prompt, ctx.data.variables.x]; });
await using("InputSanitizer", null, () => ask({ text: " hi ", variables: { x: " a " } }));
await h.unregister();
const audit = await Event.subscribe("audit.record");
seen.audit = await using("AuditLogger", { destinations: ["event"] }, async () => {
  await State.save("audited", 1);
  const before = (await Event.receive(audit)).data, after = (await Event.receive(audit)).data;
  return [before.point, JSON.parse(before.input).key, after.point];
});
runs = 0;
const failed = await using("RetryHandler", { initial_delay_ms: 1, max_retries: 1, retryable_errors: ["script"] }, () => Tool.invoke("send", {}));
seen.notes = [failed.success, failed.metadata.retries, failed.metadata.retry_handler_at !== undefined, runs];
const fork = await Hook.register("ToolError", () => ({ type: "fork", operations: [{ operation_type: "tool:count" }] }));
seen.forks = (await Tool.invoke("send", {})).metadata.forks[0].success;
await fork.unregister();
const pair = [];
for (const point of ["BeforeToolExecution", "AfterToolExecution"]) pair.push(await Hook.register(point, () => ({ type: "cache", key: "k" })));
const first = await Tool.calculator({ input: "2 * 3" }), second = await Tool.calculator({ input: "2 * 3" });
seen.pair = [first.output, second.output, first.data.result === second.data.result];
for (const own of pair) await own.unregister();
await Tool.file_operations({ operation: "delete", path: file, recursive: true });
async function refused(name, config) {
  try {
    await Hook.enableBuiltin(name, config);
  } catch (e) {
    return e.kind === "invalid_args";
  }
  await Hook.disableBuiltin(name);
  return false;
}
seen.refused = [
  await refused("MetricsCollector", { percentiles: [150] }), await refused("MetricsCollector", { percentiles: [-5] }), await refused("CachingOptimizer", { default_ttl: -5 }),
  await refused("HealthChecker", { unhealthy_threshold: 0 }), await refused("CircuitBreaker", { failure_threshold: 0 }), await refused("CircuitBreaker", { fallback_action: "redirect" }),
  await refused("RateLimiter", { warning_threshold: 9 }), await refused("CostTracker", { daily_limit: -1 }), await refused("RetryHandler", { initial_delay_ms: -1 }),
  await refused("RetryHandler", { retryable_errors: ["nonsense"] }),
];
export default seen;
