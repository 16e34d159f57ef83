-- A model is named `provider/model`, by its own name, or by a table; the name is split at the first slash.
local function model(cfg)
  return Agent.create(cfg).model
end
local agent = Agent.create {
  model = { provider = "mock", model_id = "echo", temperature = 0.1, max_tokens = 50, settings = { top_k = 3 } },
}
local config = agent:get_config()
return {
  slashes = model { model = "openrouter/meta/llama-3" },
  field = model { provider = "mock", model = "echo" },
  field_with_prefix = model { provider = "mock", model = "mock/echo" },
  by_prefix = {
    model { model = "claude-x" }, model { model = "gpt-x" }, model { model = "o3-x" }, model { model = "gemini-x" },
    model { model = "command-x" }, model { model = "mistral-x" }, model { model = "mock" },
  },
  synonyms = { model { model = "google/x" }, model { model = "local/x" } },
  otherwise = model { model = "something" },
  provider_model = model { provider_model = "mock/echo" },
  table = { agent.model, config.temperature, config.max_tokens, config.settings },
}
