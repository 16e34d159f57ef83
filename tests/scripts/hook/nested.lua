-- A hook may call anything; it is not called for what it started itself, and redirections come to an end.
local seen = {}
Tool.define { name = "a", description = "a", execute = function() return "a" end }
Tool.define { name = "b", description = "b", execute = function() return "b" end }
local one = Hook.register("BeforeToolExecution", function(ctx) seen[#seen + 1] = "1" .. ctx.tool_name if ctx.tool_name == "a" then Tool.b {} end end)
local two = Hook.register("BeforeToolExecution", function(ctx) seen[#seen + 1] = "2" .. ctx.tool_name end)
local output = Tool.a({}).output
one:unregister() two:unregister()
Hook.register("BeforeToolExecution", function(ctx) return { type = "redirect", target = ctx.tool_name == "a" and "b" or "a" } end)
local ok, raised = pcall(Tool.a, {})
return { output = output, seen = seen, endless = ok and raised.error_kind or raised.kind }
