// Points of the script's own: it fires them and reads what the hooks decided.
let answer;
await Hook.register("custom:gate", () => answer);
async function fired(given) {
  answer = given;
  return await Hook.fire("custom:gate", { n: 1 });
}
async function failure(act) {
  try { await act(); } catch (e) { return e.kind; }
}
export default {
  none: await Hook.fire("custom:nobody", { n: 1 }), continue: await fired(null), modified: await fired({ type: "modified", data: { n: 2 } }),
  cancel: await fired("no"), skipped: await fired({ type: "skipped", reason: "r" }), redirect: await fired({ type: "redirect", target: "t" }),
  replace: await fired({ type: "replace", data: [1] }), retry: await fired({ type: "retry" }),
  unknown: await failure(() => Hook.fire("gate")), named: await failure(() => Hook.fire("BeforeToolExecution")),
};
