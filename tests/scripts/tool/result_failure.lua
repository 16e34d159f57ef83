-- A tool that fails at its work does not raise: it answers with success = false, error and error_kind.
local r = Tool.calculator { input = "1 / 0" }
return {
  success = r.success,
  operation = r.operation,
  error = r.error,
  error_kind = r.error_kind,
  nothing = r.output == nil and r.data == nil and r.result == nil,
}
