-- Catching everything does not save it.
Tool.define { name = "stubborn", description = "Never gives up", execute = function()
  while true do pcall(Utils.sleep, 3600) end
end }
local r = Tool.stubborn { timeout_ms = 20 }
return { success = r.success, error_kind = r.error_kind, next = Tool.calculator({ input = "1 + 1" }).output }
