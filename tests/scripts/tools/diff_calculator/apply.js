// Applies a difference: to a text, or a JSON Patch to data.
const old_text = "one\ntwo\nthree\n", new_text = "one\n2\nthree\n";
const diff = (await Tool.diff_calculator({ old_text, new_text })).output;
const text = await Tool.diff_calculator({ operation: "apply", input: old_text, patch: diff });
const data = await Tool.diff_calculator({
  operation: "apply", input: { a: 1 }, patch: [{ op: "add", path: "/b", value: [2] }],
});
const elsewhere = await Tool.diff_calculator({ operation: "patch", input: "something else\n", patch: diff });
export default {
  text: text.output,
  applied: text.applied,
  data: data.output,
  elsewhere: [elsewhere.success, (elsewhere.rejected ?? []).length],
};
