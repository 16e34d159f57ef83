-- Parameters that are missing or of the wrong type raise.
local function failure(params)
  local ok, raised = pcall(Tool.text_manipulator, params)
  return ok and "not raised" or { raised.kind, raised.message }
end
return {
  operation = failure { input = "x" },
  input = failure { operation = "uppercase" },
  option = failure { operation = "replace", input = "x", to = "y" },
  type = failure { operation = "uppercase", input = { "x" } },
  bytes = failure { operation = "uppercase", input = "\xff" },
  number = failure { operation = "pad", input = "x", width = "wide" },
}
