// Ready-made workflows for several agents: pipeline, fork and join, consensus, supervisor, debate.
const says = (name, ...texts) => ({ name, model: "mock/echo", settings: { responses: texts.map((text) => ({ text })) } });
const raised = (fn) => {
  try {
    fn();
    return [true];
  } catch (error) {
    return [false, error.kind, error.message];
  }
};
const first = await Agent.create({ name: "first", model: "mock/plain" });
await Agent.create({ name: "second", model: "mock/plain" });

const pipe = Workflow.multi_agent_pipeline({
  name: "pipe",
  agents: [first, "second", { name: "third", model: "mock/plain" }],
  initial_input: "go {{input:n}}",
});
const piped = await pipe.execute({ n: 7 });
const short = Workflow.multi_agent_pipeline({ agents: [first] });

const fork = Workflow.multi_agent_fork_join({
  name: "fork",
  agent_tasks: [
    { agent: { name: "ann", model: "mock/echo" }, task: "the price of {{input:what}}" },
    [{ name: "bob", model: "mock/echo" }, "its colour"],
  ],
  coordinator: { name: "chief", model: "mock/echo" },
});
const forked = await fork.execute({ what: "tea" });

const vote = (threshold, ...texts) => {
  const poll = Workflow.multi_agent_consensus({
    evaluators: texts.map((text, at) => says(`v${at + 1}`, text)),
    options: ["yes", "no"],
    ...(threshold ? { consensus_threshold: threshold } : {}),
  });
  return poll.execute("Ship it?");
};
const agreed = await vote(0.6, "yes", "No.", "I vote yes");
const tied = await vote(undefined, "yes", "no");

const boss = Workflow.multi_agent_supervisor({
  name: "team",
  supervisor: { name: "boss", model: "mock/tools" },
  workers: [{ name: "adder", model: "mock/plain" }],
});
const led = await boss.execute('adder_tool {"text": "2 and 2"}');

const debate = Workflow.multi_agent_debate({
  name: "debate",
  debaters: [says("pro", "good", "still good"), says("con", "bad", "still bad")],
  judge: { name: "judge", model: "mock/echo" },
});
const judged = await debate.execute({ text: "tea" });

export default {
  pipe: [piped.success, piped.output, pipe.type, piped.data.outputs.second],
  short: [
    (await short.execute("a")).output,
    (await short.execute({ text: "b" })).output,
    (await short.execute({ prompt: "c" })).output,
  ],
  fork: [fork.type, forked.output, forked.data.branch_outputs.ann],
  agreed: [agreed.success, agreed.output, agreed.step_results[3].data],
  tied: [tied.success, tied.error.kind, tied.error.message],
  led: [led.success, led.output.includes("mock: 2 and 2")],
  debate: [judged.output, judged.step_results.map((step) => step.name)],
  errors: [
    raised(() => Workflow.multi_agent_pipeline({ agents: [] })),
    raised(() => Workflow.multi_agent_pipeline({ agents: [5] })),
    raised(() => Workflow.multi_agent_fork_join({ agent_tasks: [{}] })),
    raised(() => Workflow.multi_agent_consensus({ evaluators: [first], options: ["a"], consensus_threshold: 2 })),
    raised(() => Workflow.multi_agent_supervisor({ supervisor: {}, workers: ["nobody"] })),
    raised(() => Workflow.multi_agent_debate({ debaters: [first], judge: first, rounds: 0 })),
  ],
};
