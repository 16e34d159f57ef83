// An agent is an object with fields and methods; as data it is its kind and id.
const agent = await Agent.create({ name: "helper", model: "mock/echo" });
const holder = await Agent.create({ model: "mock/echo" });
await holder.setState({ friend: agent });
const friend = await holder.getState("friend");
const data = JSON.parse(JSON.stringify({ agent })).agent;
export default {
  fields: [agent.name, agent.model, agent.description],
  as_text: String(agent),
  comes_back: [friend.id === agent.id, (await friend.execute("hi")).text],
  data: [data.kind, data.id === agent.id],
  unknown_field: agent.nothing === undefined,
};
