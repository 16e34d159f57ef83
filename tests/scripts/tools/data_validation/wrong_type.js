// A rule that meets a value of another type says so.
const r = await Tool.data_validation({ input: { n: "five" }, rules: { n: "range:1-5" } });
const [e] = r.errors;
export default { field: e.field, rule: e.rule, message: e.message, value: e.value };
