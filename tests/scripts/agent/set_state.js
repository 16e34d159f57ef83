// Free data of an agent: tables are merged, `get_state` with a key reads.
const agent = await Agent.create({ model: "mock/echo" });
await agent.setState({ a: 1, b: [2, 3], c: "gone" });
await agent.setState({ a: "new", c: null });
export default {
  state: await agent.getState(),
  a: await agent.getState("a"),
  b: await agent.getState("b"),
  c: (await agent.getState("c")) == null,
};
