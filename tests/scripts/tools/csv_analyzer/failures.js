// What cannot be done says why; parameters of the wrong shape raise.
const failure = async (params) => {
  try {
    const r = await Tool.csv_analyzer({ input: "name,age,city\nAnn,31,Berlin\n", ...params });
    return [r.success, r.error_kind];
  } catch (e) {
    return ["raised", e.kind, e.message];
  }
};
export default {
  column: await failure({ operation: "filter", filter: "agee > 1" }),
  condition: await failure({ operation: "filter", filter: "age >" }),
  pattern: await failure({ operation: "filter", filter: "name ~ '('" }),
  expression: await failure({ operation: "transform", add_columns: { x: "city + 1" } }),
  rule: await failure({ operation: "validate", rules: { age: "rage:1" } }),
  operation: await failure({ operation: "analyse" }),
  delimiter: await failure({ delimiter: "ab" }),
  missing: await failure({ operation: "sort" }),
  unknown: await failure({ sample_size: 1 }),
};
