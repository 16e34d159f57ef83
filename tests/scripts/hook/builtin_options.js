// What the options of built-in hooks change.
let runs = 0;
await Tool.define({ name: "t", description: "t", parameters: [{ name: "text", type: "string" }], execute: (p) => { runs += 1; return (p.text ?? "") + "!"; } });
await Tool.define({ name: "spare", description: "spare", parameters: [{ name: "text", type: "string" }], execute: () => "spare" });
async function call(text) {
  try { return await Tool.invoke("t", { text }); } catch (e) { return { kind: e.kind }; }
}
async function using(name, config, act) {
  await Hook.enableBuiltin(name, config);
  const outcome = await act();
  await Hook.disableBuiltin(name);
  return outcome;
}
async function refused(name, config) {
  try { await Hook.enableBuiltin(name, config); } catch (e) { return e.kind; }
}
const file = "/tmp/llmspell" + (await Tool.uuid_generator({})).output.replaceAll("-", "");
const read = async (path) => (await Tool.file_operations({ operation: "read", path })).output;
async function lines(path) {
  const all = (await read(path)).split("\n").filter((line) => line);
  return [all.length, JSON.parse(all[0])];
}
const limits = { capacity: 2, burst_capacity: 0, refill_rate: 0.01, warning_threshold: 0.6, header_prefix: "R-" };
const limited = (action, more) => using("RateLimiter", { ...limits, action, ...more }, async () => {
  const all = [await call("x"), await call("x"), await call("x")];
  const m = all[1].metadata;
  return [all[2].output ?? all[2].kind, m["R-Remaining"], m["R-Limit"], m["R-Warning"], all[0].metadata["R-Warning"] == null];
});
const seen = {};
seen.cancel = await limited("Cancel");
seen.redirect = await limited("Redirect", { redirect_target: "spare" });
seen.cached = await limited("ReturnCached");
seen.no_target = await refused("RateLimiter", { action: "Redirect" });
const normalized = (config) => using("InputSanitizer", config, async () => (await call("e\u0301")).output === "\u00e9!");
seen.normalized = [await normalized(null), await normalized({ normalize_unicode: false })];
seen.errors = await refused("CachingOptimizer", { cache_errors: true });
seen.small = await using("CachingOptimizer", { max_cache_size_mb: 0, min_execution_time_ms: 0 }, async () => { runs = 0; await call("a"); await call("a"); return runs; });
const audit = await Event.subscribe("audit.record");
seen.audit = await using("AuditLogger", { destinations: ["event", `file:${file}/audit.jsonl`], include_output: true }, async () => {
  await call("a");
  await call("b");
  const [count, first] = await lines(`${file}/audit.jsonl`);
  const event = await Event.receive(audit);
  return [count, first.point, first.component, first.input, event.data.point, event.data.component];
});
seen.old = await using("AuditLogger", { destinations: [`file:${file}/audit.jsonl`], retention_days: 0 }, async () => {
  await Utils.sleep(0.002);
  await call("c");
  return (await lines(`${file}/audit.jsonl`))[0];
});
seen.destination = await refused("AuditLogger", { destinations: ["nowhere"] });
seen.metrics = await using("MetricsCollector", { metrics: { calls: { point: "BeforeToolExecution" }, letters: { point: "BeforeToolExecution", value: "parameters.text" }, last: { point: "BeforeToolExecution", value: "parameters.text", type: "gauge" } } }, async () => {
  await call("abc");
  await call("de");
  return (await Hook.metrics()).metrics;
});
seen.text = await using("MetricsCollector", { labels: { team: "blue" } }, async () => {
  await call("abc");
  return (await Hook.metrics("prometheus")).includes('llmspell_operations_total{operation="tool:t",outcome="succeeded",team="blue"} 1');
});
seen.export = await using("MetricsCollector", { export_endpoint: `${file}/numbers.json`, aggregation_window: 0 }, async () => {
  await call("abc");
  while ((await Tool.file_operations({ operation: "exists", path: `${file}/numbers.json` })).output !== true) await Utils.sleep(0.005);
  return JSON.parse(await read(`${file}/numbers.json`)).points != null;
});
seen.unknown = await refused("MetricsCollector", { metrics: { x: { point: "Nowhere" } } });
const agent = await Agent.create({ name: "ann", model: "mock/echo" });
const { model } = await agent.execute("x");
seen.costs = await using("CostTracker", { model_costs: { [model]: { input: 1000, output: 1000 } }, export_path: `${file}/costs.csv`, export_format: "csv" }, async () => {
  await agent.execute("hello there");
  const { costs } = await Hook.metrics();
  const written = await read(`${file}/costs.csv`);
  return [costs.total > 0, costs.by_agent.ann === costs.total, written.split("\n")[0], written.includes('agent,"ann",')];
});
const long = "a\n".repeat(40) + "the end";
seen.optimizer = [
  await using("TokenOptimizer", { compression_level: 2 }, async () => (await agent.execute("a\n\nb")).text),
  await using("TokenOptimizer", { max_context_tokens: 5, preserve_recent: 1, summarize_context: true }, async () => /\[\d+ bytes left out\]\nthe end$/.test((await agent.execute(long)).text)),
  await refused("TokenOptimizer", { compression_level: 9 }),
];
await Tool.file_operations({ operation: "delete", path: file, recursive: true });
export default seen;
