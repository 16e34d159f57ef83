-- A call below with a tighter limit ends by itself, and the call around it goes on.
Tool.define { name = "inner", description = "Sleeps", execute = function() Utils.sleep(3600) end }
Tool.define { name = "outer", description = "Calls inner", execute = function()
  return "inner: " .. Tool.inner({ timeout_ms = 10 }).error_kind
end }
return Tool.outer({ timeout_ms = 60000 }).output
