// What `validate` finds without running anything: names, branches that never run, tokens, members that mean nothing.
const noop = () => {};
const found = async (kind, cfg) => {
  const r = await Workflow.validate(kind, { name: "w", ...cfg });
  return [r.valid, r.errors, r.warnings];
};
const wf = Workflow.sequential({ name: "mine", steps: [{ name: "a", tool: "calculatr", input: {} }, { name: "b", agent: "nobody", input: "x" }] });
const own = await wf.validate();
export default {
  fine: await found("sequential", { steps: [{ name: "a", execute: noop }] }),
  twice: await found("sequential", { steps: [{ name: "a", execute: noop }, { name: "a", execute: noop }] }),
  never: await found("conditional", { branches: [{ name: "n", condition: "never", steps: [] }, { name: "a", steps: [] }, { name: "b", steps: [] }] }),
  token: await found("sequential", { steps: [{ name: "a", input: { x: "{{step:b:output}}" }, execute: noop }, { name: "b", execute: noop }] }),
  loop: await found("sequential", { steps: [{ name: "a", input: { x: "{{loop:current_item}}" }, execute: noop }] }),
  misspelt: await found("sequential", { stpes: [], steps: [] }),
  unnamed: await found("parallel", { branches: [{ tool: "calculator", input: { input: "1" } }] }),
  own: [own.valid, own.workflow_id === wf.id, own.warnings, own.errors],
};
