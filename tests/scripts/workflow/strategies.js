// What decides about a failed step, in its order: its own retry, its `on_error`, the handler, the strategy, the workflow's `on_error`.
const fails = (kind = "execution", times = Infinity) => {
  let calls = 0;
  return { name: "x", execute: () => {
    calls += 1;
    if (calls <= times) throw { kind, message: "failure " + calls };
    return "attempt " + calls;
  } };
};
const after = { name: "after", execute: () => "after" };
const seq = async (step, cfg = {}, more = {}) => {
  const r = await Workflow.sequential({ ...cfg, name: "w", steps: [{ ...step, ...more }, after] }).execute();
  return [r.success, r.output, r.data.failed_steps, r.error?.message ?? "", r.step_results.length];
};
const refused = (error_strategy) => {
  try {
    Workflow.sequential({ name: "w", steps: [], error_strategy });
  } catch (e) {
    return [false, e.kind, e.message];
  }
};
const order = [];
const note = (word, answer) => () => { order.push(word); return answer; };
await seq(fails(), { error_handler: note("handler"), on_error: note("workflow"), error_strategy: "fail_fast" }, { on_error: note("step"), retry: { max_attempts: 2, backoff_ms: 1 } });
order.push("|");
await seq(fails(), { error_handler: note("handler", "continue"), on_error: note("workflow") }, { on_error: note("step") });
order.push("|");
await seq(fails(), { error_handler: note("handler"), on_error: note("workflow") }, { on_error: note("step", "fail") });
const kinds = {};
for (const kind of ["execution", "timeout", "conflict", "denied", "cancelled", "limit"]) {
  kinds[kind] = (await seq(fails(kind, 1), {}, { retry: { max_attempts: 2, backoff_ms: 1 } }))[0];
}
const undone = [];
const undo = (name) => () => { undone.push(name); };
const wf = Workflow.sequential({ name: "w", steps: [
  { name: "a", execute: () => "A", compensate: undo("a") },
  { name: "inner", type: "sequential", steps: [{ name: "b", execute: () => "B", compensate: undo("b") }] },
  { name: "skipped", skip_condition: "always", execute: () => {}, compensate: undo("skipped") },
  { name: "c", execute: () => { throw new Error("bad"); }, compensate: undo("c") },
] });
let rollback;
const watch = await Hook.register("WorkflowRollback", (ctx) => { rollback = [ctx.data.reason !== undefined, ctx.data.steps]; });
await wf.execute();
await watch.unregister();
const first = undone.join(" ");
const veto = await Hook.register("WorkflowRollback", () => ({ type: "cancel" }));
await wf.execute();
await veto.unregister();
const kept = Workflow.sequential({ name: "w", error_strategy: "continue", steps: [
  { name: "a", execute: () => "A", compensate: undo("never") }, { name: "c", execute: () => { throw new Error("bad"); } },
] });
await kept.execute();
export default {
  names: [await seq(fails(), { error_strategy: "fail_fast" }), await seq(fails(), { error_strategy: "failfast" }), await seq(fails(), { error_strategy: "stop" }), await seq(fails(), { error_strategy: "continue" })],
  retried: [await seq(fails("execution", 2), { error_strategy: { type: "retry", max_attempts: 3, backoff_ms: 1 } }), await seq(fails(), { error_strategy: { type: "retry", max_attempts: 2, backoff_ms: 1, backoff_multiplier: 1 } })],
  handler: [await seq(fails("execution", 2), { error_handler: { strategy: "retry", max_retries: 2, backoff: "fixed", initial_delay_ms: 1 } }), await seq(fails(), { error_handler: { strategy: "continue" } })],
  answers: [await seq(fails("execution", 1), {}, { on_error: () => "retry" }), await seq(fails(), {}, { on_error: () => ({ output: "instead" }) }), await seq(fails(), {}, { on_error: () => ({ success: false, error: "worse" }) }), await seq(fails(), { error_strategy: "continue" }, { on_error: () => "fail" })],
  failing_handler: await seq(fails(), { error_strategy: "continue" }, { on_error: () => { throw new Error("no idea"); } }),
  order: order.join(" "), kinds,
  refused: [refused("never"), refused(5)],
  undone: [first, undone.length === 2, rollback],
};
