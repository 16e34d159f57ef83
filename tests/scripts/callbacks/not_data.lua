-- A function that returns something that is no data fails, and the failure says what.
local tool = Tool.define { name = "odd", description = "Odd", execute = function() return { f = print } end }
local r = tool {}
return { success = r.success, error_kind = r.error_kind, error = r.error }
