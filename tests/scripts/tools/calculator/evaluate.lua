-- Evaluates an expression; whole numbers stay whole where the result is exact.
local r = Tool.calculator { input = "2 + 3 * 4 - 1" }
local function value(input) return Tool.calculator({ input = input }).output end
return {
  data = r.data,
  operation = r.operation,
  quotient = value("7 / 2"),
  exact = value("10 / 2"),
  power = value("2 ^ 3 ^ 2"),
  share = value("15% of 80"),
  factorial = value("5!"),
  condition = value("3 > 2 ? 10 : 20"),
  logic = value("1 < 2 && !(3 == 4)"),
  functions = value("round(sqrt(2) * 1000) + max(1, 5, 3)"),
  literals = value("0xff + 0b11 + 1_000 + 2k"),
}
