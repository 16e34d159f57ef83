// A function that an op calls may itself wait for ops: an async function.
await Tool.define({
  name: "sum_of_squares",
  description: "Adds two squares",
  parameters: [{ name: "a", type: "number" }, { name: "b", type: "number" }],
  execute: async (p) => {
    const a = (await Tool.calculator({ input: `${p.a} ^ 2` })).output;
    await Utils.sleep(0.001);
    const b = (await Tool.calculator({ input: `${p.b} ^ 2` })).output;
    return a + b;
  },
});
export default (await Tool.sum_of_squares({ a: 3, b: 4 })).output;
