// What a model does wrong is told to it, not raised: an unknown tool, text that is no JSON, unknown parameters.
const call = (name, args) => ({ tool_calls: [{ name, arguments: args }] });
const agent = await Agent.create({
  model: "mock/script",
  tools: ["calculator"],
  settings: { responses: [
    call("calculater", { input: "1" }),
    call("calculator", '{"input": '),
    call("calculator", { imput: "1" }),
    call("calculator", { input: "1 / 0" }),
    "done",
  ] },
});
const answer = await agent.execute("go");
const told = answer.tool_calls.map(({ success, result }) => (
  { success, error: result.error, kind: result.error_kind, hint: result.hint }));
export default { text: answer.text, turns: answer.turns, told };
