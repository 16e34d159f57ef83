// Catching everything does not save it.
await Tool.define({ name: "stubborn", description: "Never gives up", execute: async () => {
  while (true) { try { await Utils.sleep(3600); } catch { /* once more */ } }
} });
const r = await Tool.stubborn({ timeout_ms: 20 });
export default {
  success: r.success, error_kind: r.error_kind, next: (await Tool.calculator({ input: "1 + 1" })).output,
};
