// A plan looked at from three sides at the same time, and one answer made of what was seen.
//
//   llmspell run examples/patterns/fork_join.js ["the plan"]
//
// No model is named; without a key the built-in offline model plays along, which repeats what it is asked.

const review = Workflow.multiAgentForkJoin({
  name: "review",
  agent_tasks: [
    { agent: { name: "engineer" }, task: "What is hard to build here? {{input:plan}}" },
    { agent: { name: "accountant" }, task: "What does it cost each month? {{input:plan}}" },
    { agent: { name: "lawyer" }, task: "What may not be done so? {{input:plan}}" },
  ],
  coordinator: { name: "chair", system_prompt: "You make one recommendation of several opinions, and say which one weighed most." },
});

const result = await review.execute({ plan: Args[0] ?? "We keep scans of our customers' passports." });
for (const name of ["engineer", "accountant", "lawyer"]) {
  console.log(`${name.padEnd(10)} ${result.data.branch_outputs[name]}`);
}
console.log(`${"chair".padEnd(10)} ${result.output.replace(/\s+/g, " ")}`);

export {};
