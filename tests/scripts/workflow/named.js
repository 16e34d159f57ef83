// Functions that steps name, found when the step runs.
const workflow = await Workflow.sequential({ name: "w", steps: [
  { name: "a", execute: "double", input: { n: 4 } },
  { name: "b", function: "double", input: { n: "{{step:a:output}}" } },
] });
globalThis.double = (ctx) => ctx.params.n * 2;
const result = await workflow.execute();
const lost = await (await Workflow.sequential({ name: "lost", steps: [{ name: "x", execute: "nowhere" }] })).execute();
let wrong;
try { await Workflow.sequential({ name: "wrong", steps: [{ name: "x", execute: 7 }] }); } catch (error) { wrong = error; }
export default {
  output: result.output,
  lost: [lost.success, lost.error.kind, lost.error.message],
  wrong: [wrong === undefined, wrong.kind, wrong.message],
};
