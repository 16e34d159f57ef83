// A tool may call itself through the runtime.
await Tool.define({
  name: "factorial",
  description: "Multiplies 1 to n",
  parameters: [{ name: "n", type: "integer", required: true }],
  execute: async (p) => {
    if (p.n <= 1) return 1;
    return p.n * (await Tool.factorial({ n: p.n - 1 })).output;
  },
});
export default (await Tool.factorial({ n: 10 })).output;
