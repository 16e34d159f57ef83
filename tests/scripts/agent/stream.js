// A stream hands out the chunks of an answer one by one, in a loop or by hand.
const agent = await Agent.create({ model: "mock/echo" });
const texts = [];
for await (const chunk of await agent.stream("one two three")) texts.push(`${chunk.type}: ${chunk.text}`);
const direct = [];
for await (const chunk of agent.stream("a b")) direct.push(chunk.text);
const stream = await agent.stream("one two");
const before = await stream.isDone();
const first = (await stream.next()).text;
const rest = (await stream.collect()).map((chunk) => chunk.type);
export default {
  texts, direct, by_hand: [before, first, rest, await stream.isDone(), (await stream.next()) == null],
  said: (await agent.getConversation()).length,
};
