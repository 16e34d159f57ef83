// Values that are not allowed, and limits.
async function failure(params) {
  const r = await Tool.text_manipulator(params);
  return { success: r.success, kind: r.error_kind, error: r.error };
}
export default {
  operation: (await failure({ operation: "upercase", input: "x" })).error.match(/did you mean '(\w+)'/)[1],
  expression: (await failure({ operation: "match", input: "x", pattern: "(" })).kind,
  flag: await failure({ operation: "match", input: "x", pattern: "x", flags: "q" }),
  range: await failure({ operation: "word_wrap", input: "x", width: 0 }),
  size: (await failure({ operation: "repeat", input: "x".repeat(1000), times: 1000000 })).kind,
};
