-- A call that fails raises an error object: what kind, what happened, in which operation, and what would help.
local ok, raised = pcall(Tool.invoke, "calculatr", { input = "1" })
return {
  ok = ok,
  kind = raised.kind,
  message = raised.message,
  op = raised.op,
  hints = raised.hints,
  details = raised.details.tool,
  place = raised.details.at:match("object%.lua:2$") ~= nil,
}
