-- Secrets of the configuration read as stars.
return {
  key = Config.get("providers.openai.api_key"),
  other = Config.get("providers.openai.base_url"),
  inside = Config.get("providers.openai").api_key,
}
