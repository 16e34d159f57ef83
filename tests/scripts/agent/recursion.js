// Agents that call each other without end are stopped at `max_recursion_depth`; the model is told.
const deeper = { tool_calls: [{ name: "deep_tool", arguments: { text: "deeper" } }] };
const agent = await Agent.create({
  name: "deep", model: "mock/script", tools: "*",
  settings: { responses: [deeper, "up"] },
  resource_limits: { max_recursion_depth: 3 },
});
await Agent.wrapAsTool("deep");
const answer = await agent.execute("go");
const refused = (await agent.getConversation())[2].content;
export default {
  text: answer.text,
  levels: (await agent.getMetrics()).requests_total,
  refused: [refused.includes('"error_kind":"limit"'), refused.includes("max_recursion_depth")],
};
