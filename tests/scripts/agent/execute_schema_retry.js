// An answer that does not fit is fed back to the model, at most twice.
const schema = { type: "object", properties: { n: { type: "integer" } }, required: ["n"] };
const scripted = (responses) => Agent.create({ name: "clerk", model: "mock/script", settings: { responses } });
const agent = await scripted(["no", '{"n": "x"}', '```json\n{"n": 5}\n```']);
const answer = await agent.execute({ text: "give n", schema });
const said = (await agent.getConversation()).map(({ role, content }) => `${role}: ${content}`);
const hopeless = await scripted(["1", "2", "3", "4"]);
const err = await hopeless.execute({ text: "give n", schema }).catch((err) => err);
export default {
  data: answer.data,
  turns: answer.turns,
  said,
  hopeless: { kind: err.kind, message: err.message, text: err.details.text },
};
