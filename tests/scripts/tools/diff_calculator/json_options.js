// How lists are paired, and what does not count.
const summary = async (params) => (await Tool.diff_calculator(params)).summary;
const old_json = { items: [{ id: 1, n: "a" }, { id: 2, n: "b" }], at: 1, x: 1.5 };
const new_json = { items: [{ id: 2, n: "b" }, { id: 1, n: "z" }], at: 2, x: 1.5001 };
export default {
  index: await summary({ old_json, new_json }),
  key: await summary({ old_json, new_json, array_mode: "key:id" }),
  ignored: await summary({ old_json, new_json, array_mode: "key:id", ignore_paths: ["at"] }),
  tolerant: await summary({
    old_json, new_json, array_mode: "key:id", ignore_paths: ["at"], float_tolerance: 0.01,
  }),
  text: (await Tool.diff_calculator({ operation: "json_diff", old: '{"a":1}', new: '{"a":1}' })).identical,
};
