// The model calls tools; their results are told to it, and the calls are listed in order.
const agent = await Agent.create({ model: "mock/tools", tools: ["calculator", "text_manipulator"] });
const answer = await agent.execute(`
Call calculator {"input": "6 * 7"} and text_manipulator {"operation": "uppercase", "input": "abc"}.`);
const calls = answer.tool_calls.map((call) => ({
  name: call.name, arguments: call.arguments, result: call.result, success: call.success,
  id: typeof call.id, duration_ms: typeof call.duration_ms,
}));
const roles = (await agent.getConversation()).map((message) => message.role);
export default { text: answer.text, turns: answer.turns, finish_reason: answer.finish_reason, calls, roles };
