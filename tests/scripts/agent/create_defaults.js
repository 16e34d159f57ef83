// Every field is optional. Without a model and without any key, the offline model with tools answers.
const agent = await Agent.create({});
const config = await agent.getConfig();
export default {
  name: /^agent_[0-9a-f]{8}$/.test(agent.name),
  description: agent.description,
  model: agent.model,
  prompt: config.system_prompt === `You are ${agent.name}: LLM-powered agent.`,
  agent_type: config.agent_type,
  max_conversation_length: config.max_conversation_length,
  timeout_ms: config.timeout_ms,
  resource_limits: config.resource_limits,
};
