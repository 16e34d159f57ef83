// Lists what an expression may use.
const r = await Tool.calculator({ operation: "functions" });
export default { groups: Object.keys(r.data).sort(), examples: r.examples.length > 0 };
