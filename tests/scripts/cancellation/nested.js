// The limit of a call is the limit of all calls below it.
const log = [];
await Tool.define({ name: "inner", description: "Sleeps", execute: async () => {
  log.push("inner began");
  await Utils.sleep(3600);
  log.push("inner ended");
} });
await Tool.define({ name: "outer", description: "Calls inner", execute: async () => {
  await Tool.inner({ timeout_ms: 60000 });
  log.push("outer ended");
} });
const r = await Tool.outer({ timeout_ms: 30 });
export default { success: r.success, error_kind: r.error_kind, log };
