// A function that never waits is stopped at the limit as well.
await Tool.define({ name: "spin", description: "Turns", execute: () => { while (true); } });
const r = await Tool.spin({ timeout_ms: 20 });
export default {
  success: r.success, error_kind: r.error_kind, next: (await Tool.calculator({ input: "1 + 1" })).output,
};
