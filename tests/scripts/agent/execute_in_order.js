// Executions of one agent run one after the other, in the order of the calls; different agents run at the same time.
const agent = await Agent.create({
  model: "mock/script",
  settings: { responses: [{ text: "first", delay_ms: 30 }, "second", "third"] },
});
const ask = async (prompt) => (await agent.execute(prompt)).text;
const answers = await Promise.all([ask("a"), ask("b"), ask("c")]);
const said = (await agent.getConversation()).map((message) => message.content);
export default { answers, said };
