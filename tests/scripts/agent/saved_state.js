// An agent's conversation, custom data and settings outlive it, as far as the script did not say them anew.
const seen = [], saved = await Event.subscribe("agent_state.*");
for (const name of ["save", "delete"]) {
  await Hook.register(`custom:agent_state_${name}`, (ctx) => { seen.push(`${ctx.point} ${ctx.data.agent_name}`); });
}
const first = await Agent.create({ name: "ann", model: "mock/echo", system_prompt: "Be brief.", temperature: 0.3, max_tokens: 50, custom_config: { api_key: "sk-verysecret", colour: "red" } });
const nothing = await first.loadState();
await first.execute("hello");
await first.setState({ mood: "good", token: "hidden" });
await first.saveState();
const id = first.id;
await first.destroy();
const second = await Agent.create({ name: "ann", model: "mock/echo", temperature: 0.9 });
const found = await second.loadState();
const messages = (await second.getConversation()).map((m) => `${m.role}: ${m.content}`);
const config = await second.getConfig();
const kept = await State.load(`agent:${id}`, "config");
const conversation = await State.load(`agent:${id}`, "conversation");
const metadata = await State.load(`agent:${id}`, "metadata");
const mark = /^\[REDACTED\]_[0-9a-f]+$/;
const result = {
  nothing, found, messages, mood: await second.getState("mood"), token: mark.test(await second.getState("token")),
  config: [config.system_prompt, config.temperature, config.max_tokens, config.max_conversation_length],
  secret: mark.test(kept.custom_config.api_key), colour: kept.custom_config.colour,
  kept: [conversation[0].role, conversation[0].content, conversation[1].role, conversation.length, metadata.name, metadata.schema_version, metadata.id === id],
  registry: await State.load("saved_agents_registry"), keys: await State.list(`agent:${id}`),
};
await second.deleteState();
result.left = [(await State.list(`agent:${id}`)).length, (await State.load("saved_agents_registry")).length, await second.loadState()];
result.seen = seen;
result.events = (await Event.receiveBatch(saved, { timeout_ms: 500 })).map((e) => `${e.type} ${e.data.agent_name} ${e.data.schema_version ?? ""}`);
export default result;
