// Hooks see reads and writes, change and prevent them.
const seen = [];
async function note(point, answer = () => null) {
  return Hook.register(point, (ctx) => {
    const d = ctx.data;
    seen.push([ctx.point, d.scope, d.key, d.value ?? "none", d.old_value ?? "none", d.operation ?? String(d.found ?? "nil")]);
    return answer(ctx);
  });
}
await note("BeforeStateRead", (ctx) => (ctx.data.key === "cached" ? { type: "replace", data: "from the hook" } : null));
await note("AfterStateRead", (ctx) => (ctx.data.key === "n" ? { type: "modified", data: { value: ctx.data.value + 100 } } : null));
await note("BeforeStateWrite", (ctx) => {
  if (ctx.data.key === "locked") return { type: "cancel", reason: "it is locked" };
  if (ctx.data.key === "n") return { type: "modified", data: { value: (ctx.data.value ?? 0) * 10 } };
  if (ctx.data.key === "skipped") return "skip";
});
await note("AfterStateWrite");
await note("custom:state_change");
async function raised(act) {
  try { await act(); } catch (e) { return e; }
}
await State.save("n", 1);
await State.save("n", 1);
const n = await State.load("n");
const cached = await State.load("cached");
const veto = await raised(() => State.save("locked", 1));
const kept = await raised(() => State.delete("locked"));
await State.save("skipped", 5);
await State.save("my_secret", "t0p");
const secret = await State.load("my_secret");
await State.delete("n");
export default {
  n, cached, ok: veto === undefined, veto: [veto.kind, veto.message, veto.details.hook_point], kept: kept.kind, locked: (await State.load("locked")) == null,
  skipped: await State.load("skipped"), secret, seen,
};
