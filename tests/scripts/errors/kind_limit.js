// limit: a count, size or budget is used up; the details say which one.
const again = { tool_calls: [{ name: "calculator", arguments: { input: "1+1" } }] };
const agent = await Agent.create({
  name: "ann", model: "mock/any", tools: ["calculator"],
  settings: { responses: [again, again, again] }, resource_limits: { max_turns: 2 },
});
const raised = await agent.execute("count").catch((raised) => raised);
export default {
  ok: !(raised instanceof SpellError),
  kind: raised.kind,
  message: raised.message,
  hints: raised.hints,
  limit: raised.details.limit,
  value: raised.details.value,
};
