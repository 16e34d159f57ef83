// The difference of two JSON values, also as a patch.
const r = await Tool.diff_calculator({
  old_json: { name: "Ann", age: 41, tags: ["a", "b"], old: true },
  new_json: { name: "Ann", age: 42, tags: ["a", "c"], new: { deep: 1 } },
});
export default { diff: r.data.diff, summary: r.summary, identical: r.identical, patch: r.patch, type: r.data.type };
