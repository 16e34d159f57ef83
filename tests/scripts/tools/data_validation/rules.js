// Rules for the members of an object; what does not fit is listed, and is no failure.
const r = await Tool.data_validation({
  input: { name: "Al", email: "nobody", age: 200, tags: ["a", "a"] },
  rules: {
    name: ["required", { type: "length", min: 3, max: 65 }],
    email: "email",
    age: "range:0-150",
    tags: { type: "array", unique: true },
    city: "required",
  },
});
const found = r.errors.map((e) => [e.field, e.rule, e.message, e.path]);
found.sort((a, b) => (a[0] < b[0] ? -1 : 1));
export default { success: r.success, output: r.output, valid: r.valid, count: r.error_count, found };
