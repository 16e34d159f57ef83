// Where state is switched off, what an agent saves stays in the memory of the run.
const agent = await Agent.create({ name: "ann", model: "mock/echo" });
await agent.execute("hello");
await agent.saveState();
await agent.clearConversation();
const found = await agent.loadState();
const messages = (await agent.getConversation()).length;
await agent.deleteState();
export default { found, messages, left: await agent.loadState() };
