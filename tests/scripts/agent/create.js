// A new agent has its name, an id made of the name, and waits to be used.
const agent = await Agent.create({
  name: "helper",
  description: "Answers questions",
  model: "mock/echo",
});
export default {
  name: agent.name,
  id: agent.id,
  description: agent.description,
  model: agent.model,
  state: await agent.getState(),
  as_text: String(agent),
};
