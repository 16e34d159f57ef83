// auth: the key of a provider is missing. It is looked for at the first use, not when the agent is made.
const agent = await Agent.create({ name: "ann", model: "openai/gpt-4o" });
const raised = await agent.execute("hello").catch((raised) => raised);
export default {
  ok: !(raised instanceof SpellError),
  kind: raised.kind,
  names_key: raised.message.includes("API key"),
  names_variable: raised.message.includes("OPENAI_API_KEY"),
  hints: raised.hints.length > 0,
};
