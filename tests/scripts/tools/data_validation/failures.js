// Rules that make no sense are failures; missing parameters raise.
const failure = (params) => Tool.data_validation(params).then(
  (r) => [r.success, r.error_kind],
  (raised) => ["raised", raised.kind, raised.message],
);
export default {
  rule: await failure({ input: "x", rules: "emial" }),
  expression: await failure({ input: "x", rules: { type: "pattern", regex: "(" } }),
  schema: await failure({ input: "x", schema: { type: "strnig" } }),
  neither: await failure({ input: "x" }),
  input: await failure({ rules: "required" }),
  type: await failure({ input: "x", rules: "email", fail_fast: "perhaps" }),
};
