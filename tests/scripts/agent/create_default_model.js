// Without a model, the configured default answers.
const agent = await Agent.create({ name: "helper" });
export default { model: agent.model, text: (await agent.execute("hi")).text };
