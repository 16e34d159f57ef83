// The parameters may be a JSON Schema instead of a list.
await Tool.define({
  name: "greet",
  description: "Greets somebody",
  parameters: {
    type: "object",
    properties: { name: { type: "string", minLength: 2 }, loud: { type: "boolean", default: false } },
    required: ["name"],
  },
  execute: (p) => (p.loud ? "HELLO " : "hello ") + p.name,
});
const short = await Tool.greet({ name: "x" });
const missing = await Tool.greet({}).catch((raised) => raised);
export default {
  plain: (await Tool.greet({ name: "Ann" })).output,
  loud: (await Tool.greet({ name: "Ann", loud: "true" })).output,
  short: [short.success, short.error_kind],
  missing: [missing.kind, missing.message],
};
