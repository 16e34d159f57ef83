// Checks an expression without evaluating it, and lists the names that it uses.
const good = await Tool.calculator({ operation: "validate", input: "sqrt(x) + y" });
const bad = await Tool.calculator({ operation: "validate", input: "2 +" });
export default {
  good: good.data, output: good.output, bad: [bad.success, bad.output, bad.position, typeof bad.data.error],
};
