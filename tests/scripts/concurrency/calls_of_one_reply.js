// The tool calls of one reply run at the same time; their results keep the order of the calls.
let open = 0;
const gate = (name) => ({ name, description: "Waits for the other", execute: async () => {
  open += 1;
  while (open < 2) await Utils.sleep(0.001);
  return name;
} });
const agent = await Agent.create({
  name: "ann", model: "mock/any", tools: [gate("left"), gate("right")],
  settings: { responses: [{ tool_calls: [{ name: "left" }, { name: "right" }] }, "both are open"] },
});
const answer = await agent.execute("Open both gates");
export default [answer.text, answer.tool_calls[0].result, answer.tool_calls[1].result];
