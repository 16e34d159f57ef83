-- A tool's method can be handed to pcall, with the tool as its first argument.
local tool = Tool.calculator
local ok, result = pcall(tool.execute, tool, { input = "1 + 1" })
local bad, raised = pcall(tool.execute, tool, { inptu = "1 + 1" })
return { ok = ok, output = result.output, bad = bad, kind = raised.kind, hints = raised.hints }
