// Every result at the points of workflows.
let runs = 0, broken = false;
const work = (ctx) => {
  runs += 1;
  if (broken) throw new Error("broken");
  return "ran " + (ctx.params.x ?? ctx.input?.x ?? "");
};
const flow = await Workflow.sequential({ name: "flow", steps: [{ name: "a", input: { x: "1" }, execute: work }] });
await Workflow.sequential({ name: "spare", steps: [{ name: "s", execute: (ctx) => "spare " + (ctx.input?.x ?? "nil") }] });
async function using(point, answer) {
  runs = 0;
  let tries = 0;
  const h = await Hook.register(point, (ctx) => {
    if (ctx.workflow_name !== "flow") return;
    tries += 1;
    return answer;
  });
  try {
    const r = await flow.execute({ x: "2" });
    return { success: r.success, output: r.output, runs, tries };
  } catch (e) {
    return { kind: e.kind, message: e.message, runs, tries };
  } finally {
    await h.unregister();
  }
}
const all = async (point) => ({
  continue: await using(point, "continue"), cancel: await using(point, "no"), skipped: await using(point, "skip"),
  redirect: await using(point, { type: "redirect", target: "spare" }),
  replace: await using(point, { type: "replace", data: "instead" }),
  fork: await using(point, { type: "fork", operations: [{ operation_type: "tool:calculator", parameters: { input: "1" } }] }),
});
const start = await all("BeforeWorkflowStart"), stage = await all("BeforeWorkflowStage"), after = await all("AfterWorkflowStage"), complete = await all("AfterWorkflowComplete");
stage.modified = await using("BeforeWorkflowStage", { type: "modified", data: { step: { input: { x: "3" } } } });
stage.retry = await using("BeforeWorkflowStage", { type: "retry", delay_ms: 1, max_attempts: 2, fallback_data: "saved" });
stage.given_up = await using("BeforeWorkflowStage", { type: "retry", delay_ms: 1, max_attempts: 2 });
after.modified = await using("AfterWorkflowStage", { type: "modified", data: { result: "other" } });
after.retry = await using("AfterWorkflowStage", { type: "retry", delay_ms: 1, max_attempts: 2 });
after.fallback = await using("AfterWorkflowStage", { type: "retry", delay_ms: 1, max_attempts: 2, fallback_data: "saved" });
complete.final = await using("AfterWorkflowComplete", { type: "modified", data: { final_output: "final" } });
complete.modified = await using("AfterWorkflowComplete", { type: "modified", data: { result: "other" } });
broken = true;
const failed = {
  continue: await using("WorkflowError", "continue"), cancel: await using("WorkflowError", "no"),
  redirect: await using("WorkflowError", { type: "redirect", target: "spare" }),
  replace: await using("WorkflowError", { type: "replace", data: "instead" }),
  retry: await using("WorkflowError", { type: "retry", delay_ms: 1, max_attempts: 3 }),
  fallback: await using("WorkflowError", { type: "retry", delay_ms: 1, max_attempts: 2, fallback_data: "saved" }),
};
const messages = [];
const h = await Hook.register("WorkflowError", (ctx) => {
  messages.push(ctx.data.error_message);
  return { type: "modified", data: { error_message: "told " + (ctx.step ? ctx.step.name + ctx.step.index : "all") } };
});
const reworded = await flow.execute({ x: "2" });
await h.unregister();
failed.reworded = [messages, reworded.error.message];
export default { start, stage, after, complete, failed };
