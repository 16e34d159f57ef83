// Another model answers when the first one has failed for good.
const answer = await (await Agent.create({ model: "first/any" })).execute("hello");
export default { text: answer.text, model: answer.model };
