// The effective configuration, without the key.
const agent = await Agent.create({
  name: "clerk",
  description: "Keeps books",
  model: "mock/echo",
  system_prompt: "Be exact.",
  temperature: 0.5,
  max_tokens: 100,
  api_key: "sk-secret",
  tools: ["calculator"],
  schema: { type: "object" },
  custom_config: { desk: 4, max_conversation_length: 9 },
  rate_limit: { requests_per_minute: 60 },
  timeout_ms: 5000,
});
const { resource_limits, ...config } = await agent.getConfig();
export default config;
