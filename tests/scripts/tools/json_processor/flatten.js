// Nested objects to dotted keys and back.
const flat = (await Tool.json_processor({ operation: "flatten", input: { a: { b: [1, { c: 2 }] }, d: 3 } })).output;
export default { flat, nested: (await Tool.json_processor({ operation: "unflatten", input: flat })).output };
