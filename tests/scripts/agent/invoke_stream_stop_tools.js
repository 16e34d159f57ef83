// Stopping at a tool call leaves the call out; stopping at its result keeps both, so that every call has a result.
async function stoppedAt(type) {
  const agent = await Agent.create({
    model: "mock/script", tools: ["calculator"],
    settings: { responses: [{ tool_calls: [{ name: "calculator", arguments: { input: "6 * 7" } }] }, "done"] },
  });
  const answer = await agent.invokeStream("go", (chunk) => chunk.type !== type);
  const roles = (await agent.getConversation()).map((message) => message.role);
  return { finish_reason: answer.finish_reason, text: answer.text, roles };
}
export default {
  at_call: await stoppedAt("tool_call"), at_result: await stoppedAt("tool_result"), never: await stoppedAt("nothing"),
};
