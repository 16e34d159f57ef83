// What each agent can really do, as truth values and as words.
await Agent.create({ name: "talker", model: "mock/echo", temperature: 0.5 });
await Agent.create({ name: "parrot", agent_type: "basic" });
const all = await Agent.listCapabilities();
function words(entry) {
  const found = [];
  for (let index = 1; entry.capabilities[index] !== undefined; index++) found.push(entry.capabilities[index]);
  return found;
}
function supports({ capabilities: able }) {
  return {
    streaming: able.supports_streaming, tools: able.supports_tools, context: able.supports_context,
    multimodal: able.supports_multimodal, composite: able.supports_composite,
  };
}
export default {
  talker: { name: all.talker.name, config: all.talker.config, supports: supports(all.talker), words: words(all.talker) },
  parrot: { description: all.parrot.description, supports: supports(all.parrot), words: words(all.parrot) },
};
