// Streams may be read at the same time.
const agent = await Agent.create({ model: "mock/echo" });
const stream = (name) => Streaming.create(async function* () {
  for (let i = 1; i <= 2; i++) yield (await agent.execute(`${name}${i}`)).text;
});
export default await Promise.all([stream("a").collect(), stream("b").collect()]);
