// What an operation cannot do without is told before anything runs, in the words of the call itself.
async function missing(tool, params) {
  const report = await Tool.validate(tool, params);
  const raised = await Tool.invoke(tool, params).catch((raised) => raised);
  if (!(raised instanceof SpellError)) return { valid: report.valid, raised: false };
  const told = report.errors[0];
  return {
    valid: report.valid, message: raised.message, op: raised.op, hints: raised.hints,
    same: told.message === raised.message && told.op === raised.op,
  };
}
export default {
  sort: await missing("csv_analyzer", { operation: "sort", input: "a\n1\n" }),
  commit: await missing("database_connector", { operation: "commit" }),
  subject: await missing("email_sender", { to: "ada@example.com", body: "x" }),
  extract: await missing("archive_handler", { operation: "unpack", path: "a.zip" }),
  case: await missing("text_manipulator", { operation: "case", input: "x" }),
  case_given: (await Tool.validate("text_manipulator", { operation: "case", input: "x", format: "upper" })).valid,
  now: (await Tool.validate("date_time_handler", {})).valid,
};
