// `calculate` is `evaluate`, `expression` is `input`.
const r = await Tool.calculator({ operation: "calculate", expression: "1 + 1" });
export default { operation: r.operation, output: r.output };
