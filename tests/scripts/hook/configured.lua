-- The configuration enables built-in hooks and bounds the number of hooks.
Tool.define { name = "echo", description = "echo", parameters = { { name = "text", type = "string" } }, execute = function(p) return p.text end }
Hook.register("ToolError", function() end)
local _, e = pcall(Hook.register, "ToolError", function() end)
return { output = Tool.echo({ text = " <b> " }).output, enabled = Hook.is_builtin_enabled("InputSanitizer"), limit = { e.kind, e.message, e.details.limit } }
