// Agents are found by what they can do, or by a part of their name or description.
await Agent.create({ name: "talker", model: "mock/echo", description: "Writes prose" });
await Agent.create({ name: "blind", model: "mock/echo", supports_multimodal: false });
await Agent.create({ name: "plain", agent_type: "basic" });
await Agent.createComposite("pair", ["talker", "plain"]);
const found = {};
for (const word of ["streaming", "tools", "context", "multimodal", "composite", "PROSE", "lai", "nothing"]) {
  found[word] = await Agent.discoverByCapability(word);
}
export default found;
