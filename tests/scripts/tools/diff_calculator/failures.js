// Values that are not allowed are failures; missing parameters raise.
const failure = (params) => Tool.diff_calculator(params).then(
  (r) => [r.success, r.error_kind],
  (raised) => ["raised", raised.kind, raised.message],
);
export default {
  format: await failure({ old: "a", new: "b", format: "pictures" }),
  json: await failure({ operation: "json", old: "{", new: "{}" }),
  patch: await failure({ operation: "apply", input: "a\n", patch: "no patch at all" }),
  new_text: await failure({ old_text: "a" }),
  base_text: await failure({ operation: "merge3", old_text: "a", new_text: "b" }),
  type: await failure({ old: "a", new: "b", context_lines: "few" }),
};
