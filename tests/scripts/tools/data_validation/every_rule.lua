-- Each rule with a value that fits and one that does not.
local function both(good, bad, rule)
  local results = {}
  for i, input in ipairs { good, bad } do
    results[i] = Tool.data_validation({ input = input, rules = rule }).output
  end
  return results
end
return {
  required = both("x", "", "required"),
  type = both(true, "true", { type = "type", expected = "boolean" }),
  length = both("abc", "abcd", { type = "length", max = 3 }),
  range = both(5, 10, { type = "range", min = 0, max = 10, exclusive = true }),
  pattern = both("A1", "a1", { type = "pattern", regex = "^[A-Z]\\d$" }),
  enum = both("b", "c", { type = "enum", values = { "a", "b" } }),
  array = both({ 1, 2 }, { 1, "2" }, { type = "array", item_rules = { { type = "type", expected = "number" } } }),
  object = both({ a = 1 }, { b = 1 }, { type = "object", required = { "a" } }),
  compare = both({ a = 1, b = 2 }, { a = 2, b = 1 }, { a = { type = "compare", field = "b", operator = "<" } }),
  any_of = both(1, true, { type = "any_of", rules = { { type = "type", expected = "number" }, "email" } }),
  all_of = both("ab", "abc", { type = "all_of", rules = { "required", { type = "length", max = 2 } } }),
  ["not"] = both("b", "a", { type = "not", rules = { { type = "enum", values = { "a" } } } }),
}
