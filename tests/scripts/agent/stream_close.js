// Closing a stream ends the execution behind it and frees the agent.
const agent = await Agent.create({ model: "mock/echo" });
const stream = await agent.stream("word ".repeat(2000));
const first = (await stream.next()).text;
await stream.close();
const free = (await agent.execute("free")).text;
export default { first, after: (await stream.next()) == null, is_done: await stream.isDone(), free };
