// A `basic` agent echoes, a `tool-orchestrator` has all tools and little randomness, `"*"` also means all tools.
const basic = await Agent.create({ name: "parrot", agent_type: "basic" });
const orchestrator = await Agent.create({ agent_type: "tool-orchestrator", model: "mock/tools" });
const all = await Agent.create({ model: "mock/tools", tools: "*" });
const bare = await Agent.create({ model: "mock/tools" });
const configs = await Promise.all([basic, orchestrator, bare].map((agent) => agent.getConfig()));
const tools = (await Tool.list()).length;
export default {
  basic: (await basic.execute("hi")).text,
  types: configs.map((config) => config.agent_type),
  temperature: configs[1].temperature,
  orchestrator: (await orchestrator.discoverTools()).length === tools,
  all: (await all.discoverTools()).length === tools,
  bare: await bare.discoverTools(),
};
