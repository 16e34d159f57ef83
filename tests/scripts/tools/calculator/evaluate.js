// Evaluates an expression; whole numbers stay whole where the result is exact.
const r = await Tool.calculator({ input: "2 + 3 * 4 - 1" });
const value = async (input) => (await Tool.calculator({ input })).output;
export default {
  data: r.data,
  operation: r.operation,
  quotient: await value("7 / 2"),
  exact: await value("10 / 2"),
  power: await value("2 ^ 3 ^ 2"),
  share: await value("15% of 80"),
  factorial: await value("5!"),
  condition: await value("3 > 2 ? 10 : 20"),
  logic: await value("1 < 2 && !(3 == 4)"),
  functions: await value("round(sqrt(2) * 1000) + max(1, 5, 3)"),
  literals: await value("0xff + 0b11 + 1_000 + 2k"),
};
