// With streaming switched off, an answer comes in one piece.
const agent = await Agent.create({ model: "mock/echo" });
const chunks = [];
await agent.invokeStream("one two three", (chunk) => {
  chunks.push(`${chunk.type}: ${chunk.text}`);
});
export default chunks;
