// The forms in which rules may be written.
const valid = async (input, rules) => (await Tool.data_validation({ input, rules })).output;
export default {
  text: await valid(3, "range:1-5"),
  rule: await valid("abc", { type: "length", min: 3 }),
  list: await valid("abc", ["required", { type: "pattern", regex: "^[a-c]+$" }]),
  object_of_rules: await valid({ n: 3 }, { n: "range:1-5" }),
  wrapped: await valid("abc", { rules: [{ type: "required" }] }),
  properties: await valid({ n: "x" }, { type: "object", properties: { n: { type: "type", expected: "string" } } }),
};
