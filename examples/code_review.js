// Reviews code in rounds: a reviewer writes, a critic objects, until the critic is content or three rounds are over.
//
//   llmspell run examples/code_review.js [FILE]
//
// It shows a loop with a condition that ends it, steps that see what earlier rounds said, and what a loop reports.

let code = "fn mean(numbers: &[f64]) -> f64 {\n    numbers.iter().sum::<f64>() / numbers.len() as f64\n}\n";
if (Args[0]) {
  code = (await Tool.file_operations({ operation: "read", path: Args[0] })).output;
}

await Agent.create({ name: "reviewer", system_prompt: "You review code: what is wrong, why, and how to mend it. Be brief." });
await Agent.create({
  name: "critic",
  system_prompt: "You criticise reviews. Say what is missing or wrong; if nothing is, answer APPROVED alone.",
});

const review = Workflow.loop({
  name: "review",
  iterator: { range: { start: 1, end: 3 } },
  aggregation_strategy: "last_only",
  body: [
    {
      name: "task",
      execute: async (/** @type {any} */ ctx, /** @type {any} */ state) => {
        const objections = await state.get("objections");
        const task = `Review this code:\n\n${ctx.input.code}`;
        return objections ? `${task}\nMend your review, of which was said:\n${objections}` : task;
      },
    },
    { name: "write", agent: "reviewer", prompt: "{{step:task:output}}" },
    { name: "object", agent: "critic", prompt: "Is this review good? Answer APPROVED if so.\n\n{{step:write:text}}" },
    {
      name: "keep",
      input: "{{step:object:text}}",
      execute: async (/** @type {any} */ ctx, /** @type {any} */ state) => {
        await state.set("objections", ctx.params);
        return ctx.steps.write.output;
      },
    },
  ],
  break_conditions: [
    { type: "step_output_contains", step: "object", substring: "APPROVED", description: "the critic approved" },
  ],
});

const result = await review.execute({ code });
console.log(result.output);
console.log(`-- after ${result.data.total_iterations} of at most 3 rounds (${result.data.break_reason ?? "no approval"})`);
export default { rounds: result.data.total_iterations };
