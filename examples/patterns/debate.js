// A decision that is argued over in two rounds, each side hearing the other, before somebody decides.
//
//   llmspell run examples/patterns/debate.js ["the question"]
//
// No model is named; without a key the built-in offline model plays along, which repeats what it is asked.

const debate = Workflow.multiAgentDebate({
  name: "debate",
  debaters: [
    { name: "rewrite", system_prompt: "You are for writing it anew. One argument at a time, in one sentence; answer what was said." },
    { name: "mend", system_prompt: "You are for mending what there is. One argument at a time, in one sentence; answer what was said." },
  ],
  judge: { name: "judge", system_prompt: "You decide, and name the argument that decided." },
  rounds: 2,
});

const result = await debate.execute(Args[0] ?? "Our billing program is twenty years old and right. What do we do?");
for (const step of result.step_results) {
  console.log(`${step.name.padEnd(10)} ${step.output}`);
}

export {};
