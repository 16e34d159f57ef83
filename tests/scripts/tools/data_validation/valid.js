// Data that fits.
const r = await Tool.data_validation({ input: "ann@example.org", rules: "email" });
export default { output: r.output, data: r.data };
