// Functions and option keys have two spellings; results have one.
const agent = await Agent.create({
  model: "mock/echo",
  systemPrompt: "one two three",
  maxConversationLength: 7,
  resourceLimits: { maxTurns: 2 },
});
const config = await agent.getConfig();
export default {
  same: (await agent.get_config()).name === config.name,
  static: (await Agent.listInstances()).length === (await Agent.list_instances()).length,
  system_prompt: config.system_prompt,
  max_conversation_length: config.max_conversation_length,
  max_turns: config.resource_limits.max_turns,
};
