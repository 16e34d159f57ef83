// Tools are names, tool tables, other agents, or functions of the spell; the last are private to the agent.
const helper = await Agent.create({ name: "helper", model: "mock/echo" });
const double = {
  name: "double",
  description: "Doubles n",
  parameters: [{ name: "n", type: "integer", required: true }],
  execute: async (params) => params.n * 2,
};
const agent = await Agent.create({
  model: "mock/script",
  tools: ["uuid_generator", await Tool.get("calculator"), helper, double],
  settings: { responses: [{ tool_calls: [
    { name: "double", arguments: { n: 21 } },
    { name: "helper_tool", arguments: { prompt: "hello" } },
    { name: "calculator", arguments: { input: "6 * 7" } },
  ] }, "done"] },
});
const { tool_calls } = await agent.execute("go");
export default {
  tools: await agent.discoverTools(),
  results: tool_calls.map((call) => [call.name, call.result]),
  is_private: !(await Tool.exists("double")),
};
