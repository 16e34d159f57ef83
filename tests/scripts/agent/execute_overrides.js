// An input overrides what the agent was created with, for one call.
const agent = await Agent.create({ model: "mock/echo", tools: ["calculator"], system_prompt: "one two three" });
const usual = await agent.execute("hi");
const other = await agent.execute({
  text: "hi",
  model: "mock/parrot",
  tools: ["uuid_generator"],
  system_prompt: "one",
  temperature: 0.1,
  max_tokens: 50,
});
await agent.clearConversation();
const after = await agent.execute("hi");
export default {
  usual: [usual.text, usual.model, usual.usage.input_tokens],
  other: [other.text, other.model],
  after: [after.text, after.model, after.usage.input_tokens],
};
