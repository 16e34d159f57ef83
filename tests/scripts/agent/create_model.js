// A model is named `provider/model`, by its own name, or by a table; the name is split at the first slash.
const model = async (cfg) => (await Agent.create(cfg)).model;
const named = (text) => model({ model: text });
const agent = await Agent.create({
  model: { provider: "mock", model_id: "echo", temperature: 0.1, max_tokens: 50, settings: { top_k: 3 } },
});
const config = await agent.getConfig();
const prefixes = ["claude-x", "gpt-x", "o3-x", "gemini-x", "command-x", "mistral-x", "mock"];
export default {
  slashes: await named("openrouter/meta/llama-3"),
  field: await model({ provider: "mock", model: "echo" }),
  field_with_prefix: await model({ provider: "mock", model: "mock/echo" }),
  by_prefix: await Promise.all(prefixes.map(named)),
  synonyms: await Promise.all(["google/x", "local/x"].map(named)),
  otherwise: await named("something"),
  provider_model: await model({ provider_model: "mock/echo" }),
  table: [agent.model, config.temperature, config.max_tokens, config.settings],
};
