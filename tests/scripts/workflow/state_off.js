// Where state is switched off, what a workflow shares lives in the memory of the run.
const wf = Workflow.sequential({ name: "w", steps: [
  { name: "is", condition: { type: "shared_data_exists", key: "k" }, execute: (_, state) => state.get("k") },
  { name: "not", condition: { type: "shared_data_exists", key: "none" }, execute: () => "no" },
  { name: "token", input: { k: "{{state:k}}" }, execute: (ctx) => ctx.params.k },
] });
const set = await wf.set_state("k", 1);
const result = await wf.execute();
const raised = await State.load(State.scope.Workflow(wf.id), "k").catch((e) => e);
export default {
  kept: [await wf.get_state("k"), set, (await wf.debug()).runtime.state_keys],
  asks: [!result.step_results[0].skipped, !result.step_results[1].skipped],
  token: result.output,
  state: raised.kind,
};
