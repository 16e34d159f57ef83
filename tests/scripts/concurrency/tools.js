// Calls of tools run at the same time, also when their functions are the script's own.
let open = 0;
await Tool.define({ name: "gate", description: "Waits for two", execute: async () => {
  open += 1;
  while (open < 2) await Utils.sleep(0.001);
  return open;
} });
const results = await Promise.all([Tool.gate({}), Tool.gate({}), Tool.calculator({ input: "6 * 7" })]);
export default results.map((result) => result.output);
