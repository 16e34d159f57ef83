// Several agents on one question: in a row, side by side, by vote, under a supervisor, before a judge.
//
//   llmspell run examples/patterns.js
//
// Each of the five is an ordinary workflow: `llmspell workflow show last` draws them after the run. They name no model;
// without a key the built-in offline model plays along, which repeats what it is asked, so that the vote stays open.

const question = "Should a small team write its own deployment scripts?";

const pipeline = Workflow.multiAgentPipeline({
  name: "pipeline",
  agents: [
    { name: "drafter", system_prompt: "You answer in two sentences." },
    { name: "shortener", system_prompt: "You say the same in one sentence." },
  ],
});

const forkJoin = Workflow.multiAgentForkJoin({
  name: "fork_join",
  agent_tasks: [
    { agent: { name: "optimist" }, task: "What speaks for it? {{input:}}" },
    { agent: { name: "sceptic" }, task: "What speaks against it? {{input:}}" },
  ],
  coordinator: { name: "chair", system_prompt: "You weigh arguments." },
});

const consensus = Workflow.multiAgentConsensus({
  name: "consensus",
  evaluators: [{ name: "developer" }, { name: "operator" }, { name: "manager" }],
  options: ["yes", "no"],
  consensus_threshold: 0.6,
});

const supervisor = Workflow.multiAgentSupervisor({
  name: "supervisor",
  supervisor: { name: "lead" },
  workers: [
    { name: "historian", description: "knows what was tried before" },
    { name: "accountant", description: "knows what things cost" },
  ],
});

const debate = Workflow.multiAgentDebate({
  name: "debate",
  debaters: [
    { name: "pro", system_prompt: "You are for it." },
    { name: "con", system_prompt: "You are against it." },
  ],
  judge: { name: "judge" },
  rounds: 1,
});

for (const workflow of [pipeline, forkJoin, consensus, supervisor, debate]) {
  const result = await workflow.execute(question);
  const answer = result.success ? result.output : result.error.message;
  console.log(`${workflow.name.padEnd(11)} ${answer.replace(/\s+/g, " ").slice(0, 90)}`);
}

export {};
