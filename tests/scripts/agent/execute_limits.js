// Reaching one of the resource limits raises `limit`, and the conversation stays valid.
const again = { tool_calls: [{ name: "calculator", arguments: { input: "1" } }] };
async function limited(limits) {
  const agent = await Agent.create({
    name: "busy", model: "mock/script", tools: ["calculator"], resource_limits: limits,
    settings: { responses: [again, again, again, "done"] },
  });
  const failure = await agent.execute("go").then(
    () => undefined,
    ({ kind, message, details }) => ({ kind, message, details: [details.limit, details.what] }),
  );
  return { last: (await agent.getConversation()).at(-1)?.role ?? "nobody", failure };
}
export default {
  turns: await limited({ max_turns: 2 }),
  tool_calls: await limited({ max_tool_calls: 1 }),
  tokens: await limited({ max_tokens: 20 }),
  enough: await limited({ max_turns: 4, max_tool_calls: 3 }),
};
