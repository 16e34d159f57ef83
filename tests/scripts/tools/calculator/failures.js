// What goes wrong is told with its kind; a syntax error with position and caret.
async function failure(input) {
  const r = await Tool.calculator({ input });
  return { success: r.success, kind: r.error_kind, error: r.error, operation: r.operation };
}
export default {
  syntax: await failure("2 + * 3"),
  unknown_name: await failure("sqr(4)"),
  division: await failure("1 / 0"),
  too_deep: (await failure("(".repeat(200) + "1" + ")".repeat(200))).kind,
  too_long: (await failure("1+".repeat(6000) + "1")).kind,
  too_large: (await failure("99999!")).kind,
};
