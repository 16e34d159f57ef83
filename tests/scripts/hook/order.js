// Smaller priorities first, then the order of registration; what one hook modifies the next one sees.
const seen = [];
async function add(name, priority) {
  await Hook.register("BeforeToolExecution", (ctx) => {
    seen.push(name + ctx.data.parameters.input);
    return { type: "modified", data: { parameters: { input: ctx.data.parameters.input + "+1" } } };
  }, priority);
}
await add("normal", null); await add("lowest", "lowest"); await add("5", 5); await add("highest", "highest");
await add("odd", "soon"); await add("high", "high"); await add("low", "low");
const priorities = (await Hook.list({ point: "BeforeToolExecution" })).map((info) => info.priority);
const filtered = [
  (await Hook.list({ priority: "HIGH" })).length, (await Hook.list({ priority: "soon" })).length,
  (await Hook.list({ tag: "none" })).length, (await Hook.list({ language: "python" })).length,
];
export default { output: (await Tool.calculator({ input: "0" })).output, seen, priorities, filtered };
