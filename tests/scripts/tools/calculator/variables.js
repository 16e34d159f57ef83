// Names in the expression stand for numbers, booleans and lists of numbers.
const r = await Tool.calculator({ input: "x * 2 + max(list)", variables: { x: 20, list: [1, 2] } });
const decimal = await Tool.calculator({ input: "a + b", variables: { a: 0.1, b: 0.2 }, mode: "decimal" });
const rounded = await Tool.calculator({ input: "2 / 3", precision: 3 });
export default {
  output: r.output, variables: r.data.variables, decimal: decimal.output, formatted: rounded.data.formatted,
};
