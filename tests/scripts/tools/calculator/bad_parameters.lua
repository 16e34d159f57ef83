-- Parameters that are missing or of the wrong type raise.
local function failure(params)
  local ok, raised = pcall(Tool.calculator, params)
  return ok and "not raised" or { raised.kind, raised.message }
end
return {
  nothing = failure {},
  operand = failure { operation = "add", a = 1 },
  type = failure { input = { 1, 2 } },
  variable = failure { input = "x", variables = { x = "text" } },
}
