// The data says how long the text was and is, in characters.
const r = await Tool.text_manipulator({ operation: "trim", input: "  naïve 🎉  " });
export default { output: r.output, data: r.data, operation: r.operation };
