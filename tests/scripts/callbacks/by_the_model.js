// An agent's model calls the script's functions; what they return goes back to the model.
let asked;
const agent = await Agent.create({
  name: "clerk",
  model: "mock/any",
  settings: { responses: [{ tool_calls: [{ name: "stock", arguments: { item: "nuts" } }] }, "There are 7."] },
  tools: [{
    name: "stock",
    description: "Counts an item",
    parameters: [{ name: "item", type: "string", required: true }],
    execute: (p) => { asked = p.item; return 7; },
  }],
});
const answer = await agent.execute("How many nuts?");
const call = answer.tool_calls[0];
export default { asked, text: answer.text, call: [call.name, call.arguments.item, call.result, call.success] };
