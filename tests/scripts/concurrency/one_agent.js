// One agent answers one question after the other, in the order of the calls.
const agent = await Agent.create({ name: "ann", model: "mock/any", settings: { responses: ["one", "two", "three"] } });
const answers = await Promise.all([1, 2, 3].map((i) => agent.execute(`question ${i}`)));
const conversation = await agent.getConversation();
const asked = conversation.filter((message) => message.role === "user").map((message) => message.content);
export default { texts: answers.map((answer) => answer.text), asked };
