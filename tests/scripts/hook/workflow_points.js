// The further points about workflows, and the other names of points.
let seen;
const watch = async (points) => {
  seen = [];
  const hooks = [];
  for (const point of points) {
    hooks.push(await Hook.register(point, (ctx) => {
      const d = ctx.data;
      seen.push([point, ctx.workflow_type, d.execution_phase ?? "", d.branch ?? d.step_name ?? d.iteration ?? d.condition ?? d.to_state ?? ""].join(" "));
    }));
  }
  return async () => {
    for (const hook of hooks) await hook.unregister();
    return seen;
  };
};
const step = (name, execute = () => name) => ({ name, execute });
const custom = (...names) => names.map((name) => "custom:" + name);
let stop = await watch(custom("workflow_start", "workflow_state_change", "workflow_step_boundary", "workflow_complete"));
await Workflow.sequential({ name: "s", steps: [step("a"), step("b")] }).execute();
await Workflow.sequential({ name: "f", steps: [step("a", () => { throw new Error("bad"); })] }).execute();
const sequential = await stop();
stop = await watch(custom("condition_evaluation", "branch_selection"));
await Workflow.conditional({ name: "c", branches: [{ name: "no", condition: "never", steps: [] }, { name: "yes", steps: [] }] }).execute();
const conditional = await stop();
stop = await watch(custom("loop_iteration_start", "loop_iteration_complete", "loop_termination"));
await Workflow.loop({ name: "l", iterator: { range: { start: 1, end: 2 } }, body: [step("b")] }).execute();
const loop = await stop();
stop = await watch(custom("parallel_fork", "parallel_synchronization", "parallel_join"));
await Workflow.parallel({ name: "p", max_concurrency: 1, branches: [{ name: "l", steps: [] }, { name: "r", steps: [] }] }).execute();
const parallel = await stop();
const aliases = {};
for (const alias of [
  "BeforeWorkflowStep", "workflow:before_step", "AfterWorkflowStep", "workflow:after_step", "workflow:before_start", "workflow:complete", "workflow:after_complete",
  "workflow:on_error", "workflow:on_step_error", "agent:before_execution", "agent_complete", "agent:after_execution", "parallel:branch_start",
  "conditional:condition_evaluated", "loop:iteration_complete",
]) {
  const hook = await Hook.register(alias, () => {});
  aliases[alias] = await hook.hookPoint();
  await hook.unregister();
}
const wrong = await Hook.register("beforetoolexecution", () => {}).catch((e) => e);
export default { sequential, conditional, loop, parallel, aliases, wrong: [wrong === undefined, wrong.kind] };
