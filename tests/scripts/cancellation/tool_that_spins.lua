-- A function that never waits is stopped at the limit as well.
Tool.define { name = "spin", description = "Turns", execute = function() while true do end end }
local r = Tool.spin { timeout_ms = 20 }
return { success = r.success, error_kind = r.error_kind, next = Tool.calculator({ input = "1 + 1" }).output }
