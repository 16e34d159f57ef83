// The function stops the stream by returning false; what was said until then stays.
const agent = await Agent.create({ model: "mock/echo" });
let count = 0;
const answer = await agent.invokeStream("one two three four", async () => {
  count += 1;
  return count < 2;
});
const said = await agent.getConversation();
export default {
  text: answer.text,
  finish_reason: answer.finish_reason,
  chunks_received: answer.chunks_received,
  calls: count,
  said: [said[0].content, said[1].content],
};
