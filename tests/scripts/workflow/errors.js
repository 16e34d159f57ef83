// A failed step never raises: the result says which one, why, after how many attempts, and strategies decide what follows.
const bad = () => { throw { kind: "execution", message: "bad" }; };
const seq = (steps, more = {}) => Workflow.sequential({ name: "w", steps, ...more }).execute();
const after = { name: "after", execute: () => "after" };
const fast = await seq([{ name: "x", execute: bad }, after]);
const goes_on = await seq([{ name: "x", execute: bad }, after], { error_strategy: "continue" });
let tries = 0;
const retried = await seq([{ name: "x", retry: { max_attempts: 3, backoff_ms: 1 }, execute: () => {
  tries += 1;
  if (tries < 3) bad();
  return tries;
} }]);
let tries2 = 0;
const by_workflow = await seq([{ name: "x", execute: () => { tries2 += 1; bad(); } }],
  { error_strategy: { type: "retry", max_attempts: 2, backoff_ms: 1 } });
let denied = 0;
const not_retried = await seq([{ name: "x", retry: { max_attempts: 5, backoff_ms: 1 }, execute: () => {
  denied += 1;
  throw { kind: "denied", message: "no" };
} }]);
const replaced = await seq([{ name: "x", execute: bad, on_error: (err) => ({ success: true, output: `${err.kind}: ${err.message}` }) }, after]);
const continued = await seq([{ name: "x", execute: bad, on_error: () => "continue" }, after]);
let asked = 0;
const again = await seq([{ name: "x", execute: () => { asked += 1; if (asked === 1) bad(); return "second"; },
  on_error: () => "retry" }]);
const handled = await seq([{ name: "x", execute: bad }, after], { error_handler: (name, err) => (name === "x" ? "continue" : "fail") });
const whole = await seq([{ name: "x", execute: bad }], { on_error: (err, ctx) => ({ success: true, output: `${err.location} of ${ctx.workflow.name}` }) });
const order = [];
await seq([
  { name: "a", execute: () => "A", compensate: (ctx) => { order.push("undo " + ctx.steps.a.output); } },
  { name: "b", execute: () => "B", compensate: { input: { text: "{{step:b:output}}" }, execute: (ctx) => { order.push("undo " + ctx.params.text); } } },
  { name: "c", execute: bad },
]);
const late = await seq([{ name: "x", timeout_ms: 20, execute: () => Utils.sleep(50) }]);
const whole_late = await seq([{ name: "x", execute: () => Utils.sleep(50) }], { timeout_ms: 20 });
const unknown = await seq([{ name: "x", tool: "calculatr", input: {} }]);
const agent = await seq([{ name: "x", agent: "nobody", input: "hello" }]);
const complete = [];
await seq([{ name: "x", execute: bad }], { on_start: () => { complete.push("start"); },
  on_complete: (success, r) => { complete.push(`${success} ${r.error.location}`); } });
await Workflow.set_default_error_handler((err, about) => ({ success: true, output: `${about.name}/${about.step}: ${err.kind}` }));
const usual = await seq([{ name: "x", execute: bad }]);
await Workflow.set_default_error_handler(null);
export default {
  fast: [fast.success, fast.error.kind, fast.error.message, fast.error.location, fast.error.error_type, fast.step_results.length, fast.error.details.path, fast.error.details.attempts],
  goes_on: [goes_on.success, goes_on.output, goes_on.data.failed_steps, goes_on.data.successful_steps],
  retried: [retried.success, retried.output, retried.step_results[0].retry_count],
  by_workflow: [by_workflow.success, tries2, by_workflow.error.details.attempts],
  not_retried: [not_retried.error.kind, denied],
  replaced: [replaced.success, replaced.step_results[0].output, replaced.output],
  continued: [continued.success, continued.output, continued.data.failed_steps],
  again: [again.success, again.output],
  handled: [handled.success, handled.output],
  whole: [whole.success, whole.output],
  undone: order,
  late: [late.error.kind, late.error.message],
  whole_late: [whole_late.error.kind, whole_late.error.message],
  unknown: [unknown.error.kind, unknown.error.message, unknown.error.hints],
  agent: [agent.error.kind, agent.error.message],
  complete,
  usual: [usual.success, usual.output],
};
