// Members that the result does not have itself are those of its data.
const report = await Tool.define({ name: "report", description: "Reports", execute: () => ({
  success: true, operation: "report", output: 3, metadata: { message: "All counted" },
  data: { rows: 3, names: ["a", "b"], error: "within the data", success: "within the data" },
}) });
const r = await report({});
export default {
  rows: r.rows,
  name: r.names[1],
  success: r.success,
  no_error: r.error === null,
  in_data: r.data.error,
  message: r.message,
  output_of_data: r.data.output,
  unknown: r.no_such_member === undefined,
};
