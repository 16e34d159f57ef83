// Hooks and events of workflows: the order of the points, what hooks change, and hooks of a single workflow.
const seen = [];
const points = ["BeforeWorkflowStart", "BeforeWorkflowStage", "AfterWorkflowStage", "WorkflowStageTransition", "WorkflowCheckpoint", "AfterWorkflowComplete", "WorkflowError"];
const hooks = [];
for (const point of points) {
  hooks.push(await Hook.register(point, (ctx) => {
    seen.push(`${point}:${ctx.stage_name ?? ctx.data.to_stage ?? ctx.data.checkpoint_name ?? ctx.workflow_name ?? ""}`);
  }));
}
const wf = Workflow.sequential({ name: "w", steps: [
  { name: "a", input: { x: 1 }, execute: (ctx) => ctx.params.x },
  { name: "b", execute: () => "b" },
] });
const sub = await Event.subscribe("workflow.**");
await wf.execute();
const events = [];
for (;;) {
  const ev = await Event.receive(sub, 0);
  if (!ev) break;
  events.push(ev.event_type);
}
for (const hook of hooks) await hook.unregister();
const own = [];
const watched = await wf.on_before_execute((ctx) => { own.push(ctx.workflow_id === wf.id); });
await wf.on_after_execute((ctx) => { own.push(ctx.results.b); });
await wf.on_error((ctx) => { own.push(ctx.data.error_message); });
await Workflow.sequential({ name: "other", steps: [{ execute: () => 1 }] }).execute();
await wf.execute();
// Whatever the point, the context says whose it is and what came out until then.
const told = [];
const failing = Workflow.sequential({ name: "failing", steps: [
  { name: "a", execute: () => 1 },
  { name: "b", execute: () => { throw new Error("broken"); } },
] });
const tell = (ctx) => { told.push([ctx.point, ctx.workflow_id === failing.id, ctx.results.a ?? "nothing"]); };
await failing.on_before_execute(tell);
await failing.on_after_execute(tell);
await failing.on_error(tell);
await failing.execute();
const emitted = await wf.emit("done.it", { n: 1 });
const changed = await Hook.register("BeforeWorkflowStage", (ctx) => {
  if (ctx.stage_name === "a") return { type: "modified", data: { step: { input: { x: 42 } } } };
  return { type: "skipped" };
});
const modified = await wf.execute();
await changed.unregister();
const replaced = await Hook.register("AfterWorkflowComplete", () => ({ type: "replace", data: "instead" }));
const instead = await wf.execute();
await replaced.unregister();
const veto = await Hook.register("BeforeWorkflowStart", () => ({ type: "cancel", reason: "not today" }));
let err;
try {
  await wf.execute();
} catch (e) {
  err = e;
}
await veto.unregister();
export default {
  seen,
  events,
  watched: [watched.hook_type, watched.workflow_id === wf.id],
  own: own.slice(0, 2),
  told,
  emitted: [emitted.success, emitted.event_name],
  modified: [modified.step_results[0].output, modified.step_results[1].skipped, modified.output],
  instead: instead.output,
  veto: [err === undefined, err.kind, err.message],
};
