// Functions that are told how an execution goes, in their order; what they raise changes nothing.
const step = (name, execute = () => name) => ({ name, execute });
const bad = () => { throw { kind: "execution", message: "bad" }; };
let told;
const note = (...words) => { told.push(words.join(" ")); };
const run = async (kind, cfg, input) => {
  told = [];
  const result = await Workflow[kind]({ name: kind, ...cfg }).execute(input);
  return [result.success, told, result.output];
};
const common = (cfg) => ({ ...cfg, on_start: (ctx) => note("start", ctx.workflow.name, ctx.input.n) });
const sequential = await run("sequential", common({
  steps: [step("a"), step("b")],
  hooks: { before_stage: (name) => note("before", name), after_stage: (name) => note("after", name) },
  on_step_complete: (name, result) => note("step", name, result.output),
  on_complete: (success, result) => note("complete", success, result.output, result.workflow_type),
}), { n: 1 });
const failed = await run("sequential", common({
  steps: [step("a", bad), step("b")],
  on_step_complete: (name, result) => note("step", name, result.error.kind),
  on_error: (err, ctx) => note("error", err.error_type, err.location, err.message, ctx.workflow.type),
  on_complete: (success, result) => note("complete", success, result.error.message),
}), { n: 2 });
const parallel = await run("parallel", common({
  max_concurrency: 1,
  branches: [{ name: "l", steps: [step("x")] }, { name: "r", steps: [step("y")] }],
  on_branch_complete: (name, result) => note("branch", name, result.output),
  on_complete: (result) => note("complete", result.success, result.workflow_type),
}), { n: 3 });
const conditional = await run("conditional", common({
  branches: [{ name: "one", steps: [step("z")] }],
  on_complete: (result) => note("complete", result.success, result.output),
}), { n: 4 });
const loop = await run("loop", common({
  iterator: { collection: ["p", "q"] },
  body: [{ name: "i", execute: (ctx) => ctx.current_item + "!" }],
  on_iteration_complete: (index, result) => note("iteration", index, result.output),
  on_complete: (result) => note("complete", result.success, result.output),
}), { n: 5 });
const raising = await run("sequential", {
  steps: [step("a")],
  hooks: { before_stage: bad, after_stage: bad },
  on_start: bad, on_complete: bad, on_step_complete: bad,
});

// The order of one step: condition, tokens, the hook before, the work, the hook after, the transition, on_step_complete.
told = [];
const points = [];
for (const point of ["BeforeWorkflowStage", "AfterWorkflowStage", "WorkflowStageTransition", "BeforeToolExecution"]) {
  points.push(await Hook.register(point, (ctx) => note(point, ctx.data.step ? ctx.data.step.input?.input ?? "" : ctx.data.to_stage ?? "")));
}
await Workflow.sequential({
  name: "order",
  steps: [
    { name: "one", condition: () => { note("condition"); return true; }, tool: "calculator", input: { input: "{{input:n}} + 1" } },
    step("two"),
  ],
  on_step_complete: (name) => note("on_step_complete", name),
}).execute({ n: 6 });
for (const hook of points) await hook.unregister();
export default { sequential, failed, parallel, conditional, loop, raising, order: told };
