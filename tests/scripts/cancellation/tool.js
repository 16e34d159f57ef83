// A tool ends at the limit of its call: it answers so, its function goes no further, and the script goes on.
let after = false;
await Tool.define({ name: "nap", description: "Sleeps", execute: async () => {
  await Utils.sleep(3600);
  after = true;
} });
const r = await Tool.nap({ timeout_ms: 20 });
export default {
  success: r.success, error_kind: r.error_kind, after,
  next: (await Tool.calculator({ input: "1 + 1" })).output,
};
