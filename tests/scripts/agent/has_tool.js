// The tools that an agent may call, and what they are.
const agent = await Agent.create({ model: "mock/echo", tools: ["calculator", "hash-calculator"] });
const all = await agent.getAllToolMetadata();
const about = await agent.getToolMetadata("calculator");
export default {
  tools: await agent.discoverTools(),
  has: await Promise.all(["calculator", "hash_calculator", "uuid_generator"].map((name) => agent.hasTool(name))),
  about: { name: about.name, description: typeof about.description, version: /^\d+\.\d+\.\d+$/.test(about.version) },
  same: all.calculator.description === about.description,
  other: all.hash_calculator.name,
  foreign: (await agent.getToolMetadata("uuid_generator")) === null,
};
