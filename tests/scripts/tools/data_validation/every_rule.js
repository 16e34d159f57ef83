// Each rule with a value that fits and one that does not.
async function both(good, bad, rules) {
  const results = [];
  for (const input of [good, bad]) results.push((await Tool.data_validation({ input, rules })).output);
  return results;
}
export default {
  required: await both("x", "", "required"),
  type: await both(true, "true", { type: "type", expected: "boolean" }),
  length: await both("abc", "abcd", { type: "length", max: 3 }),
  range: await both(5, 10, { type: "range", min: 0, max: 10, exclusive: true }),
  pattern: await both("A1", "a1", { type: "pattern", regex: "^[A-Z]\\d$" }),
  enum: await both("b", "c", { type: "enum", values: ["a", "b"] }),
  array: await both([1, 2], [1, "2"], { type: "array", item_rules: [{ type: "type", expected: "number" }] }),
  object: await both({ a: 1 }, { b: 1 }, { type: "object", required: ["a"] }),
  compare: await both({ a: 1, b: 2 }, { a: 2, b: 1 }, { a: { type: "compare", field: "b", operator: "<" } }),
  any_of: await both(1, true, { type: "any_of", rules: [{ type: "type", expected: "number" }, "email"] }),
  all_of: await both("ab", "abc", { type: "all_of", rules: ["required", { type: "length", max: 2 }] }),
  not: await both("b", "a", { type: "not", rules: [{ type: "enum", values: ["a"] }] }),
};
