-- One provider with what it can do; an unknown name gives nothing.
local mock = Provider.get("mock")
local openai = Provider.get("openai")
return {
  mock = mock,
  openai = {
    openai.name, openai.type, openai.has_key, type(openai.base_url), openai.capabilities.supports_streaming,
    type(openai.capabilities.max_context_tokens), #openai.capabilities.available_models > 0,
  },
  unknown = Provider.get("nobody") == nil,
}
