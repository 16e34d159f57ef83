// Several agents answer at the same time.
const agents = await Promise.all(["ann", "bob", "eve"].map((name, i) =>
  Agent.create({ name, model: "mock/any", settings: { responses: [`answer ${i + 1}`] } })));
const answers = await Promise.all(agents.map((agent) => agent.execute("question")));
export default answers.map((answer, i) => `${agents[i].name}: ${answer.text}`);
