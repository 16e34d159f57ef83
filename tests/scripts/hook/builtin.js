// Built-in hooks are enabled, configured, listed and disabled by name.
async function failure(act) {
  try { await act(); } catch (e) { return [e.kind, e.message]; }
}
const listed = await Hook.listBuiltin();
const names = listed.map((b) => b.name), before = listed.filter((b) => b.enabled);
await Hook.enableBuiltin("RetryHook", { max_retries: 2 });
await Hook.enableBuiltin([{ name: "SecurityValidator" }, { name: "MetricsCollector", config: { percentiles: [50] } }]);
await Hook.enableBuiltin("RetryHandler", { max_retries: 5 });
const now = await Hook.listBuiltin();
const retry = now.find((b) => b.name === "RetryHandler"), enabled = now.filter((b) => b.enabled).map((b) => b.name);
const hooks = (await Hook.list({ tag: "builtin", hook_point: "ToolError" })).length;
const on = [await Hook.isBuiltinEnabled("RetryHandler"), await Hook.isBuiltinEnabled("RetryHook"), await Hook.isBuiltinEnabled("DebugLogger")];
await Hook.disableBuiltin(["RetryHandler", "SecurityValidator"]);
const off = await Hook.isBuiltinEnabled("RetryHandler");
await Hook.disableAllBuiltin();
export default {
  names, before: before.length, enabled, retry: [retry.priority, retry.points, retry.config.max_retries, retry.config.strategy],
  hooks, on, off, left: (await Hook.list()).length,
  unknown: await failure(() => Hook.enableBuiltin("RetryHandlr")), value: (await failure(() => Hook.enableBuiltin("RetryHandler", { max_retries: "many" })))[0],
  key: (await failure(() => Hook.enableBuiltin("RetryHandler", { retries: 1 })))[0],
};
