// A JSON Schema, as an object or as text.
const schema = {
  type: "object",
  properties: { name: { type: "string", minLength: 1 }, age: { type: "integer", minimum: 0 } },
  required: ["name"],
};
const good = await Tool.data_validation({ input: { name: "Ann", age: 41 }, schema });
const bad = await Tool.data_validation({ input: { age: -1 }, schema });
const text = await Tool.data_validation({ input: 5, schema: '{"type": "string"}' });
const fields = bad.errors.map((e) => [e.field, e.rule]).sort((a, b) => (a[0] < b[0] ? -1 : 1));
export default { good: good.output, bad: bad.output, fields, text: text.output };
