// What hooks may answer at the points of workflows: retry and redirect before, after and on errors; cached results.
const runs = { step: 0 };
const target = Workflow.sequential({
  name: "target",
  steps: [{ name: "t", execute: (ctx) => `target got ${ctx.input?.x ?? ctx.input ?? "nil"}` }],
});
const wf = Workflow.sequential({
  name: "w",
  steps: [{ name: "a", input: { x: 1 }, execute: () => `a${++runs.step}` }],
});
const bad = Workflow.sequential({
  name: "bad",
  steps: [{ name: "b", input: { x: 2 }, execute: () => { throw new Error("broken"); } }],
});

// Runs a workflow with one hook that answers this for it, the first `times` times.
const having = async (point, answer, workflow, times = 1, input = undefined) => {
  let left = times;
  const hook = await Hook.register(point, (ctx) => {
    if (ctx.workflow_name === workflow.name && left > 0) {
      left -= 1;
      return answer;
    }
  });
  const result = await workflow.execute(input);
  await hook.unregister();
  return result;
};
const again = { type: "retry", delay_ms: 0, max_attempts: 3 };

const stepAgain = await having("AfterWorkflowStage", again, wf);
const stepsRan = runs.step;
const wholeAgain = await having("AfterWorkflowComplete", again, wf, 2);
const wholeRan = runs.step - stepsRan;
const tired = await having("AfterWorkflowStage", again, wf, 100);
const fallback = await having("AfterWorkflowStage", { type: "retry", delay_ms: 0, max_attempts: 1, fallback_data: "instead" }, wf);
const sum = Workflow.sequential({ name: "sum", steps: [{ name: "s", tool: "calculator", input: { input: "1 + 1" } }] });
const redirected = {
  start: (await having("BeforeWorkflowStart", { type: "redirect", target: "target" }, wf, 1, { x: 5 })).output,
  stage: (await having("BeforeWorkflowStage", { type: "redirect", target: target.id }, wf)).output,
  after_stage: (await having("AfterWorkflowStage", { type: "redirect", target: "tool:calculator" }, sum)).output,
  complete: (await having("AfterWorkflowComplete", { type: "redirect", target: "target" }, wf, 1, { x: 6 })).output,
  failed_stage: (await having("WorkflowError", { type: "redirect", target: "target" }, bad)).output,
};
const missing = await having("BeforeWorkflowStart", { type: "redirect", target: "targt" }, wf);
const skipped = await having("BeforeWorkflowStart", { type: "skipped", reason: "not now" }, wf);

// Two workflows that redirect to each other end with a limit.
const there = Workflow.sequential({ name: "there", steps: [] });
Workflow.sequential({ name: "back", steps: [] });
const circle = await Hook.register("BeforeWorkflowStart", (ctx) => {
  if (ctx.workflow_name === "there") return { type: "redirect", target: "back" };
  if (ctx.workflow_name === "back") return { type: "redirect", target: "there" };
});
const endless = await there.execute();
await circle.unregister();

// A step that one hook answers and another wants again ends all the same.
const given = await Hook.register("BeforeWorkflowStage", (ctx) => {
  if (ctx.workflow_name === "w") return { type: "replace", data: "given" };
});
const stuck = await having("AfterWorkflowStage", again, wf, 100);
await given.unregister();

const before = runs.step;
const cache = await Hook.register("BeforeWorkflowStage", (ctx) => {
  if (ctx.workflow_name === "w") return { type: "cache", key: "step a" };
});
const one = (await wf.execute()).output;
const two = (await wf.execute()).output;
await cache.unregister();

// Answers of hooks of steps: what they save for the workflow, and operations beside it.
const par = Workflow.parallel({ name: "par", branches: [{ name: "left", steps: [{ name: "l", execute: () => 1 }] }] });
const branches = [];
const saves = await Hook.register("BeforeWorkflowStage", (ctx) => {
  branches.push(ctx.data.branch);
  return { continue_execution: true, state_updates: { last: ctx.stage_name } };
});
const forks = await Hook.register("BeforeWorkflowStart", () => (
  { type: "fork", operations: [{ id: "f", operation_type: "tool:calculator", parameters: { input: "2 + 3" } }] }
));
const forked = await par.execute();
await saves.unregister();
await forks.unregister();
const fork = forked.metadata.forks[0];

export default {
  saved: [await par.get_state("last"), branches],
  forked: [forked.metadata.forks.length, fork.id, fork.operation_type, fork.success, fork.result],
  step_again: [stepAgain.success, stepAgain.output, stepsRan],
  whole_again: [wholeAgain.success, wholeRan, wholeAgain.data.steps_executed],
  tired: tired.success,
  fallback: fallback.output,
  redirected,
  missing: [missing.success, missing.error.kind, missing.error.details.workflow],
  skipped: [skipped.success, skipped.output, skipped.metadata.skipped, skipped.metadata.skip_reason],
  endless: [endless.success, endless.error.kind],
  stuck: [stuck.success, stuck.output],
  cached: [one === two, runs.step - before],
};
