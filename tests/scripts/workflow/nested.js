// Workflows within workflows: as objects with an input of their own, and written in place, where they see what is around.
await Agent.create({ name: "echo", model: "mock/echo" });
const double = Workflow.sequential({ name: "double", steps: [
  { name: "sum", tool: "calculator", input: { input: "{{input:n}} * 2" } },
] });
const wf = Workflow.sequential({ name: "outer", steps: [
  { name: "first", execute: () => 4 },
  { name: "call", workflow: double, input: { n: "{{step:first:output}}" } },
  { name: "place", type: "conditional", branches: [
    { name: "many", condition: "steps.call.output > 5", steps: [{ name: "say", execute: (ctx) => `many ${ctx.steps.call.output}` }] },
  ] },
  { name: "ask", agent: "echo", input: "got {{step:place:many:say:output}}" },
  { name: "inline", agent: { model: "mock/echo", name: "made" }, prompt: "and {{step:call:sum:output}}" },
  { name: "fan", type: "parallel", branches: [
    { name: "l", type: "loop", iterator: { collection: [1, 2] }, body: [{ name: "x", execute: (ctx) => ctx.current_item }] },
    { name: "r", workflow: { type: "sequential", steps: [{ name: "y", execute: (ctx) => ctx.steps.first.output }] } },
  ] },
] });
const r = await wf.execute();
const failing = await Workflow.sequential({ name: "outer", steps: [
  { name: "mid", type: "sequential", steps: [{ name: "in", type: "parallel", branches: [{ name: "b", steps: [{ name: "deep", execute: () => { throw { kind: "conflict", message: "lost" }; } }] }] }] },
] }).execute();
export default {
  success: r.success,
  call: r.data.outputs.call,
  place: r.data.outputs.place,
  ask: r.data.outputs.ask,
  inline: r.data.outputs.inline,
  fan: r.output,
  failing: [failing.success, failing.error.kind, failing.error.message, failing.error.details.path],
};
