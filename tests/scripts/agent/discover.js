// The types of agents that there are.
const types = await Agent.discover();
export default types.map((item) => [item.type, typeof item.description]);
