-- timeout: it took longer than its limit.
Tool.define { name = "nap", description = "Sleeps for an hour", execute = function() Utils.sleep(3600) end }
local ok, raised = pcall(Tool.invoke, "nap", { timeout_ms = 20 }, { raise = true })
return { ok = ok, kind = raised.kind, op = raised.op }
