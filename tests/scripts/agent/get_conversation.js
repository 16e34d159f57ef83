// What was said, oldest first; each result of a tool is a message of its own.
const agent = await Agent.create({ model: "mock/tools", tools: ["calculator"] });
await agent.execute('calculator {"input": "6 * 7"}');
let timestamps = 0;
const said = (await agent.getConversation()).map(({ timestamp, ...message }) => {
  if (/^\d+-\d+-\d+T.*Z$/.test(timestamp)) timestamps += 1;
  return message;
});
await agent.clearConversation();
export default { said, timestamps, cleared: (await agent.getConversation()).length };
