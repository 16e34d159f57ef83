// The tool calls of one turn run at the same time; their results keep the order of the calls.
let arrived = 0;
const ended = [];
const meet = {
  name: "meet",
  parameters: [{ name: "n", type: "integer", required: true }],
  async execute({ n }) {
    arrived += 1;
    // Nobody goes on before all three are here, and then the last one first.
    while (arrived < 3 || ended.length < 3 - n) await Utils.sleep(0.001);
    ended.push(n);
    return n;
  },
};
const call = (n) => ({ name: "meet", arguments: { n } });
const agent = await Agent.create({
  model: "mock/script", tools: [meet],
  settings: { responses: [{ tool_calls: [call(1), call(2), call(3)] }, "done"] },
});
const { tool_calls } = await agent.execute("go");
const said = await agent.getConversation();
export default {
  ended,
  results: tool_calls.map((made) => made.result),
  told: said.slice(2, 5).map((message) => message.content),
};
