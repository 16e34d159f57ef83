// What is published of calls of hooks, and the other names of built-in hooks.
const id = await Event.subscribe("hook.**");
const mine = await Hook.register("BeforeToolExecution", () => ({ type: "modified", data: {} }), { name: "mine" });
const bad = await Hook.register("AfterToolExecution", () => { throw new Error("broken"); }, { name: "bad" });
await Tool.calculator({ input: "1" });
await mine.unregister();
await bad.unregister();
const seen = [], correlations = new Set();
for (const e of await Event.receiveBatch(id, { timeout_ms: 0 })) {
  const d = e.data;
  seen.push([e.type, d.point, d.hook ?? d.hooks, d.result ?? "", d.duration_ms === undefined ? "" : "timed"].join(" "));
  correlations.add(e.correlation_id);
}
const names = {};
for (const [alias, name] of Object.entries({
  LoggingHook: "AuditLogger", MetricsHook: "MetricsCollector", DebuggingHook: "DebugLogger", SecurityHook: "SecurityValidator",
  CachingHook: "CachingOptimizer", RateLimitHook: "RateLimiter", RetryHook: "RetryHandler", CostTrackingHook: "CostTracker",
})) {
  await Hook.enableBuiltin(alias);
  const enabled = await Hook.isBuiltinEnabled(name);
  await Hook.disableBuiltin(alias);
  names[alias] = enabled && !(await Hook.isBuiltinEnabled(name));
}
export default { seen, operations: correlations.size, names };
