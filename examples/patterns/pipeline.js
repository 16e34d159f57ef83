// A release note in three hands: one drafts, one cuts, one checks the tone. Each gets what the one before it wrote.
//
//   llmspell run examples/patterns/pipeline.js ["what changed"]
//
// No model is named; without a key the built-in offline model plays along, which repeats what it is asked.

const note = Workflow.multiAgentPipeline({
  name: "release_note",
  agents: [
    { name: "drafter", system_prompt: "You write release notes from lists of changes, for users rather than developers." },
    { name: "editor", system_prompt: "You cut a text to three sentences and lose no fact." },
    { name: "reader", system_prompt: "You return the text as it is, without anything that promises too much." },
  ],
  initial_input: "What changed: {{input:changes}}",
});

const result = await note.execute({ changes: Args[0] ?? "search is twice as fast; the export has a date" });
for (const step of result.step_results) {
  console.log(`${step.name.padEnd(8)} ${step.output}`);
}

export {};
