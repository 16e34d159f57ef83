// Branches run at the same time; results stand in the order of the declaration, and the steps after the join see them.
const step = (name, execute) => ({ name, execute });
const wf = Workflow.parallel({
  name: "p",
  max_concurrency: 2,
  branches: [
    { name: "slow", steps: [step("a", async () => { await Utils.sleep(0.02); return 1; }), step("b", (ctx) => ctx.steps.a.output + 1)] },
    { name: "fast", steps: [step("c", () => 10)] },
    { name: "bare", execute: (ctx) => ctx.input.n },
  ],
  post_steps: [
    { name: "sum", input: { a: "{{branch:slow:b:output}}", b: "{{branch:fast:c:output}}" },
      execute: (ctx) => ctx.params.a + ctx.params.b },
  ],
});
const r = await wf.execute({ n: 5 });
const optional = await Workflow.parallel({
  branches: [
    { name: "bad", required: false, steps: [step("x", () => { throw new Error("no"); })] },
    { name: "good", steps: [step("y", () => "y")] },
  ],
}).execute();
const failing = await Workflow.parallel({
  branches: [
    { name: "bad", steps: [step("x", () => { throw { kind: "not_found", message: "gone" }; })] },
    { name: "long", steps: [step("y", async () => { await Utils.sleep(50); return "y"; })] },
  ],
}).execute();
const first = await Workflow.parallel({
  join_strategy: "any",
  branches: [
    { name: "long", steps: [step("y", async () => { await Utils.sleep(50); return "long"; })] },
    { name: "short", steps: [step("x", () => "short")] },
  ],
}).execute();
const merged = await Workflow.parallel({
  join_strategy: "merge",
  branches: [
    { name: "l", steps: [step("x", () => ({ output: { a: 1, b: 1 } }))] },
    { name: "r", steps: [step("y", () => ({ output: { b: 2 } }))] },
  ],
}).execute();
export default {
  output: r.output,
  names: r.step_results.map((s) => s.name),
  outputs: r.data.branch_outputs,
  counts: [r.data.successful_branches, r.data.failed_branches],
  details: [r.metadata.extra.branch_details[0].branch_name, r.metadata.extra.stopped_early],
  optional: [optional.success, optional.data.failed_branches, optional.output.good],
  failing: [failing.success, failing.error.kind, failing.error.message, failing.error.location, failing.error.error_type,
    failing.error.details.failed_branches, failing.error.details.path, failing.metadata.extra.stopped_early],
  first: [first.success, first.output],
  merged: merged.output,
};
