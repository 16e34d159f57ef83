// Checks a document against a JSON Schema.
const schema = { type: "object", properties: { n: { type: "integer", minimum: 0 } }, required: ["n"] };
const good = await Tool.json_processor({ operation: "validate", input: { n: 1 }, schema });
const bad = await Tool.json_processor({ operation: "validate", input: { n: -1 }, schema });
const [e] = bad.errors;
export default {
  good: good.data,
  bad: [bad.success, bad.is_valid, bad.valid],
  error: [e.path, e.schema_path, e.keyword, e.value, typeof e.message],
};
