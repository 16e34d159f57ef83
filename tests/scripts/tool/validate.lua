-- Checks parameters without running the tool.
local ran = false
Tool.define { name = "press", description = "Presses a button", execute = function() ran = true end }
local press = Tool.validate("press", {})
local good = Tool.validate("uuid_generator", { count = "3", format = "simple" })
local bad = Tool.validate("uuid_generator", { cuont = 3 })
local _, raised = pcall(Tool.validate, "no_such_tool", {})
return {
  good = { valid = good.valid, errors = good.errors, parameters = good.parameters },
  bad = { valid = bad.valid, kind = bad.errors[1].kind, message = bad.errors[1].message, hints = bad.errors[1].hints },
  unknown = raised.kind,
  press = press.valid and not ran,
}
