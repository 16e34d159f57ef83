// What each built-in hook does.
let runs = 0, broken = false;
await Tool.define({ name: "t", description: "t", parameters: [{ name: "text", type: "string" }], execute: (p) => {
  runs += 1;
  if (broken) throw new Error("broken");
  return p.text ?? "none";
} });
async function call(params = {}, times = 1) {
  runs = 0;
  let last;
  for (let i = 0; i < times; i++) {
    try {
      const r = await Tool.invoke("t", params);
      last = { output: r.output, error: r.error, cache_hit: r.metadata.cache_hit, retries: r.metadata.retries };
    } catch (e) {
      last = { kind: e.kind, message: e.message, hook: e.details.hook };
    }
  }
  return { ...last, runs };
}
async function using(name, config, act) {
  await Hook.enableBuiltin(name, config);
  const outcome = await act();
  await Hook.disableBuiltin(name);
  return outcome;
}
const seen = {};
seen.security = await using("SecurityValidator", null, async () => [
  await call({ text: "../../etc/passwd" }), await call({ text: "' OR 1=1" }), await call({ text: "<script>x" }), await call({ text: "a; rm -rf /" }), await call({ text: "fine" }),
]);
seen.sanitizer = await using("InputSanitizer", { redact_patterns: ["\\d{3}"], escape_html: true }, () => call({ text: "  a <b> 123\0 " }));
seen.authorization = await using("AuthorizationChecker", { role: "guest", allowed_roles: { guest: ["calc*"] } }, async () => [
  await call(), (await Tool.calculator({ input: "1" })).output,
]);
seen.rate = await using("RateLimiter", { capacity: 2, burst_capacity: 0, refill_rate: 0.01 }, async () => {
  const outcome = await call({}, 3);
  return { ...outcome, message: outcome.message.startsWith("the rate limit of 2 operations is used up") };
});
seen.caching = await using("CachingOptimizer", { min_execution_time_ms: 0, ttl_by_component: { t: 300 } }, async () => [await call({ text: "a" }, 2), await call({ text: "b" })]);
broken = true;
seen.retry = await using("RetryHandler", { initial_delay_ms: 1, max_retries: 2, retryable_errors: ["script"] }, () => call());
seen.not_retried = await using("RetryHandler", { initial_delay_ms: 1 }, () => call());
seen.breaker = await using("CircuitBreaker", { failure_threshold: 2 }, () => call({}, 4));
broken = false;
seen.metrics = await using("MetricsCollector", { labels: { team: "blue" } }, async () => {
  await call({}, 3);
  const m = await Hook.metrics();
  const t = m.operations["tool:t"];
  return [t.count, t.succeeded, t.failed, t.duration_ms.percentiles.p50 !== undefined, m.points.BeforeToolExecution, m.labels.team];
});
const agent = await Agent.create({ name: "ann", model: "mock/echo" });
async function ask(text) {
  try {
    const r = await agent.execute(text);
    const cost = r.metadata.cost_total;
    return { text: r.text, cost: cost === undefined ? undefined : cost > 0, level: r.metadata.cost_alert_level, stamped: r.metadata.cost_tracker_at !== undefined };
  } catch (e) {
    return { kind: e.kind, hook: e.details.hook };
  }
}
seen.optimizer = await using("TokenOptimizer", null, async () => (await ask("a    b\n\n\n\nc")).text === (await agent.execute("a b\n\nc")).text);
const model = (await agent.execute("x")).model;
seen.cost = await using("CostTracker", { model_costs: { [model]: { input: 1000, output: 1000 } }, alert_threshold: { critical: 0.000001 } }, async () => {
  const first = await ask("hello there"), second = await ask("hello there");
  delete first.text;
  return [first, second];
});
for (const name of ["AuditLogger", "DebugLogger"]) {
  seen[name] = await using(name, null, async () => {
    await call();
    return (await Hook.list({ tag: "builtin", hook_point: "AfterToolExecution" }))[0].executions;
  });
}
export default seen;
