// A hook without parameters is called and answers as any other; one with a list of them is told what the others are.
let calls = 0;
await Tool.define({ name: "count", description: "Counts", execute: () => 1 });
async function run(hook) {
  const h = await Hook.register("BeforeToolExecution", hook);
  const r = await Tool.invoke("count", {});
  await h.unregister();
  return r.output;
}
export default {
  none: await run(() => { calls += 1; return { type: "replace", data: "none " + calls }; }),
  named: await run((context) => ({ type: "replace", data: "named " + context.tool_name })),
  list: await run(function () { return { type: "replace", data: arguments.length + " " + arguments[0].tool_name }; }),
};
