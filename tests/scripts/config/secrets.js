// Secrets of the configuration read as stars.
export default {
  key: await Config.get("providers.openai.api_key"),
  other: await Config.get("providers.openai.base_url"),
  inside: (await Config.get("providers.openai")).api_key,
};
