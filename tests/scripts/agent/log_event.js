// A record in the log with the agent's name.
const agent = await Agent.create({ model: "mock/echo" });
export default { nothing: (await agent.logEvent("started", "The work begins")) == null };
