// The sample of the contract: a tool, then a function that sees its output.
const wf = Workflow.sequential({
  name: "stats",
  description: "adds",
  steps: [
    { name: "sum", tool: "calculator", input: { input: "{{input:a}} + {{input:b}}" } },
    { name: "say", type: "function", execute: async (ctx) => `sum is ${ctx.steps.sum.output}` },
  ],
});
const r = await wf.execute({ a: 40, b: 2 });
export default {
  fields: [wf.name, wf.type, wf.id.startsWith("workflow_")],
  success: r.success,
  output: r.output,
  kind: r.workflow_type,
  name: r.workflow_name,
  counts: [r.data.steps_executed, r.data.successful_steps, r.data.failed_steps],
  final: r.data.final_output,
  steps: [r.step_results[0].name, r.step_results[0].type, r.step_results[1].step_name, r.step_results[1].type],
  metadata: [r.metadata.steps_executed, r.metadata.steps_succeeded, r.metadata.steps_failed],
  outputs: r.data.outputs.say,
  error: r.error == null,
  durations: Number.isInteger(r.duration_ms) && Number.isInteger(r.step_results[0].duration_ms),
  empty: (await Workflow.sequential({ steps: [] }).execute()).output,
  again: (await wf.run({ a: 1, b: 1 })).output,
};
