-- What an operation cannot do without is told before anything runs, in the words of the call itself.
local function missing(tool, params)
  local report = Tool.validate(tool, params)
  local ok, raised = pcall(Tool.invoke, tool, params)
  if ok then return { valid = report.valid, raised = false } end
  local told = report.errors[1]
  return {
    valid = report.valid, message = raised.message, op = raised.op, hints = raised.hints,
    same = told.message == raised.message and told.op == raised.op,
  }
end
return {
  sort = missing("csv_analyzer", { operation = "sort", input = "a\n1\n" }),
  commit = missing("database_connector", { operation = "commit" }),
  subject = missing("email_sender", { to = "ada@example.com", body = "x" }),
  extract = missing("archive_handler", { operation = "unpack", path = "a.zip" }),
  case = missing("text_manipulator", { operation = "case", input = "x" }),
  case_given = Tool.validate("text_manipulator", { operation = "case", input = "x", format = "upper" }).valid,
  now = Tool.validate("date_time_handler", {}).valid,
}
