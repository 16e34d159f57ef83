// Comments that three moderators vote on; what two of them do not agree on goes to a person.
//
//   llmspell run examples/patterns/consensus.js
//
// No model is named; without a key the built-in offline model plays along, which repeats what it is asked: its votes name
// every option, so that they count for none.

const moderation = Workflow.multiAgentConsensus({
  name: "moderation",
  evaluators: [
    { name: "strict", system_prompt: "You remove what could offend anybody. Answer with one of the options alone." },
    { name: "lenient", system_prompt: "You remove only what breaks the law. Answer with one of the options alone." },
    { name: "literal", system_prompt: "You go by what is written, not by what may be meant. Answer with one of the options alone." },
  ],
  options: ["keep", "remove"],
  consensus_threshold: 0.6,
});

for (const comment of ["The second chapter is the best one.", "Whoever likes this should not be allowed to read."]) {
  const result = await moderation.execute(`Is this comment to be kept or removed? ${comment}`);
  console.log(`${(result.success ? result.output : "ask a person").padEnd(14)} ${comment}`);
}

export {};
