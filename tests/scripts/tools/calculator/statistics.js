// Describes a list of numbers.
const r = await Tool.calculator({ operation: "statistics", values: [2, 4, 4, 4, 5, 5, 7, 9] });
export default { output: r.output, data: r.data };
