// The first branch whose condition is true runs; all of them if that is wanted; the default if none is.
const says = (text) => [{ name: "s", execute: () => text }];
const of = (input, more = {}) =>
  Workflow.conditional({
    name: "c",
    branches: [
      { name: "big", condition: { type: "expression", expression: "input.n > 10" }, steps: says("big") },
      { name: "even", condition: (i) => i.n % 2 === 0, steps: says("even") },
    ],
    ...more,
  }).execute(input);
const none = await of({ n: 3 });
const all = await of({ n: 12 }, { execute_all_matching: true });
const pre = await Workflow.conditional({
  pre_steps: [{ name: "look", execute: () => "ready" }],
  branches: [{ name: "go", condition: { type: "step_output_equals", step: "look", expected: "ready" }, steps: says("went") }],
}).execute();
const short = Workflow.conditional({ condition: "input.ok", then_branch: { steps: says("then") }, else_branch: { steps: says("else") } });
export default {
  big: (await of({ n: 11 })).output,
  even: (await of({ n: 2 })).output,
  default: (await of({ n: 3 }, { default_branch: { steps: says("default") } })).output,
  none: [none.success, none.error.kind, none.error.message],
  all: [all.output, all.data.executed_branches, all.data.matched_branches, all.data.total_branches, all.metadata.extra.executed_branches[1].branch_name],
  pre: pre.output,
  short: [(await short.execute({ ok: true })).output, (await short.execute({ ok: false })).output],
};
