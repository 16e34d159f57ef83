// Several operations in a row, each on what the one before it made.
const r = await Tool.text_manipulator({
  operation: "pipeline",
  input: "  Hello World  ",
  operations: [
    { operation: "trim" },
    { operation: "replace", options: { from: "World", to: "Ann" } },
    "uppercase",
  ],
});
const empty = await Tool.text_manipulator({ operation: "pipeline", input: "same", operations: [] });
const bad = await Tool.text_manipulator({ operation: "pipeline", input: "x", operations: ["trim", "explode"] });
export default {
  output: r.output, empty: empty.output, bad: [bad.success, bad.error_kind, bad.error.match(/^step 2/)[0]],
};
