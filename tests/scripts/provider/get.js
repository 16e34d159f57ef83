// One provider with what it can do; an unknown name gives nothing.
const mock = await Provider.get("mock");
const openai = await Provider.get("openai");
export default {
  mock,
  openai: [
    openai.name, openai.type, openai.has_key, typeof openai.base_url, openai.capabilities.supports_streaming,
    typeof openai.capabilities.max_context_tokens, openai.capabilities.available_models.length > 0,
  ],
  unknown: (await Provider.get("nobody")) === null,
};
