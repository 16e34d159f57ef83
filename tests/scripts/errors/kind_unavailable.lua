-- unavailable: a feature is switched off; the error names the setting.
local answer = Tool.calculator { input = "1 + 1" }
local ok, raised = pcall(Tool.invoke, "calculator", { input = "1 + 1" }, { raise = true })
return {
  success = answer.success,
  error = answer.error,
  error_kind = answer.error_kind,
  ok = ok,
  kind = raised.kind,
  hints = raised.hints,
}
