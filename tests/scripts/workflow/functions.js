// The functions of the global and the methods of workflows.
const noop = () => "ok";
const first = Workflow.sequential({ name: "one", description: "first", steps: [{ name: "s", retry: { max_attempts: 2 }, execute: noop }] });
Workflow.parallel({ branches: [{ name: "b", steps: [{ execute: noop }] }] });
await Workflow.register("loop", { name: "three", iterator: { range: { end: 1 } }, body: [{ execute: noop }] });
const listed = await Workflow.list();
const names = listed.map((entry) => `${entry.name}:${entry.type}`);
const ran = await first.execute();
const any = await Workflow.execute({ type: "sequential", name: "any", steps: [{ execute: noop }] });
const by_handle = await Workflow.execute(first);
await first.set_state("k", { a: 1 });
const counted = Workflow.sequential({ name: "counted", steps: [{ execute: async (_, state) => {
  await state.set("n", ((await state.get("n")) ?? 0) + 1);
  return state.get("n");
} }] });
await counted.execute();
const second = await counted.execute();
const validation = await Workflow.validate("sequential", { name: "v", steps: [
  { name: "a", tool: "calculatr", input: {} },
  { name: "b", input: { x: "{{step:aa:output}}" }, execute: noop },
] });
const invalid = await Workflow.validate("sequentail", {});
const broken = await Workflow.validate("loop", { name: "l", body: [] });
const checked = await first.validate();
const history = await Workflow.history(2);
const metrics = await first.get_metrics();
const performance = await Workflow.performance();
const removed = Workflow.sequential({ name: "gone", steps: [] });
await Workflow.remove(removed.id);
const raised = async (act) => {
  try {
    await act();
  } catch (e) {
    return e;
  }
};
const gone = await raised(() => removed.execute());
const unknown = await raised(() => Workflow.remove("workflow_x"));
const kind = await raised(() => Workflow.register("sequence", { name: "x" }));
const step = await raised(() => Workflow.sequential({ name: "w", steps: [{ name: "s", type: "tol", tool: "x" }] }));
const member = await raised(() => Workflow.parallel({ name: "w", branches: [{ steps: [] }], max_concurrency: 0 }));
await Workflow.enable_debug(true);
const debugging = Workflow.is_debug_enabled();
await Workflow.enable_debug(false);
const info = await first.get_info();
const inside = await first.debug();
const got = Workflow.get("one");
const kept = (await first.get_state("k")).a;
await Workflow.clear();
export default {
  types: Workflow.types(),
  names,
  features: listed[0].features,
  ran: [ran.success, any.output, by_handle.output],
  state: [kept, second.output],
  validation: [validation.valid, validation.errors, validation.warnings.length],
  checked: [checked.valid, checked.workflow_id === first.id],
  invalid: [invalid.valid, invalid.errors],
  broken: [broken.valid, broken.errors],
  history: [history.length, history[0].name, history[0].success, history[0].type],
  metrics: [metrics.execution.total_executions, metrics.execution.successful_executions, metrics.execution.failed_executions, metrics.execution.last_execution_time !== undefined],
  performance: [performance.executions, performance.success_rate],
  gone: [gone === undefined, gone.kind, gone.message],
  unknown: [unknown === undefined, unknown.kind],
  kind: [kind === undefined, kind.kind, kind.hints],
  step: [step === undefined, step.message, step.hints],
  member: [member === undefined, member.message],
  debugging: [debugging, Workflow.is_debug_enabled()],
  info: [info.name, info.type, info.description, info.step_count],
  inside: [inside.name, inside.runtime.state_keys],
  got: [got.name, got.id === first.id],
  cleared: [(await Workflow.list()).length, Workflow.get("one") == null],
  about: (await Workflow.info("loop")).required,
};
