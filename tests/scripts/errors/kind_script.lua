-- script: a function of the script failed while an op called it. A tool answers so, and with `raise` it raises.
Tool.define { name = "unlucky", description = "Fails", execute = function() error("no luck today", 0) end }
local soft = Tool.unlucky {}
local _, raised = pcall(Tool.invoke, "unlucky", {}, { raise = true })
return {
  success = soft.success,
  error = soft.error,
  error_kind = soft.error_kind,
  raised = { raised.kind, raised.message },
}
