-- The limit of a call is the limit of all calls below it.
local log = {}
Tool.define { name = "inner", description = "Sleeps", execute = function()
  log[#log + 1] = "inner began"
  Utils.sleep(3600)
  log[#log + 1] = "inner ended"
end }
Tool.define { name = "outer", description = "Calls inner", execute = function()
  Tool.inner { timeout_ms = 60000 }
  log[#log + 1] = "outer ended"
end }
local r = Tool.outer { timeout_ms = 30 }
return { success = r.success, error_kind = r.error_kind, log = log }
