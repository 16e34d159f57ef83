// The difference of two JSON values, also as a patch.
const r = await Tool.diff_calculator({
  old_json: { age: 41, name: "Ann", old: true, tags: ["a", "b"] },
  new_json: { age: 42, name: "Ann", new: { deep: 1 }, tags: ["a", "c"] },
});
export default { diff: r.data.diff, summary: r.summary, identical: r.identical, patch: r.patch, type: r.data.type };
