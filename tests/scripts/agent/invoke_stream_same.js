// Streaming is a view of the same execution: same answer, same conversation.
const agent = () => Agent.create({
  name: "clerk", model: "mock/script", tools: ["calculator"],
  settings: { responses: [{ tool_calls: [
    { name: "calculator", arguments: { input: "6 * 7" } }, { name: "calculator", arguments: { input: "6 *" } },
  ] }, "that makes one"] },
});
function whole(answer, said) {
  delete answer.chunks_received;
  delete answer.metadata.execution_time_ms;
  for (const call of answer.tool_calls) delete call.duration_ms;
  for (const message of said) delete message.timestamp;
  return { answer, said };
}
const plain = await agent();
const streaming = await agent();
const asked = whole(await plain.execute("go"), await plain.getConversation());
const streamed = whole(await streaming.invokeStream("go", () => {}), await streaming.getConversation());
export default { same: JSON.stringify(asked) === JSON.stringify(streamed), streamed };
