// The answer arrives in chunks; their texts make the answer, which is the same as without streaming.
const agent = () => Agent.create({
  model: "mock/script", tools: ["calculator"],
  settings: { responses: [{ tool_calls: [{ name: "calculator", arguments: { input: "6 * 7" } }] }, "that makes 42"] },
});
const chunks = [];
const answer = await (await agent()).invokeStream("go", (chunk) => {
  chunks.push(chunk);
});
const [call, usage, result] = chunks;
export default {
  types: chunks.map((chunk) => chunk.type),
  indices: chunks.map((chunk) => chunk.index),
  text: [chunks.map((chunk) => chunk.text).join(""), answer.text, (await (await agent()).execute("go")).text],
  chunks_received: answer.chunks_received,
  tool_call: [call.tool_call.name, call.tool_call.arguments, call.tool_call.id === answer.tool_calls[0].id],
  tool_result: [result.tool_result.name, result.tool_result.result, result.tool_result.success],
  usage: usage.usage.output_tokens > 0,
  turns: answer.turns,
};
