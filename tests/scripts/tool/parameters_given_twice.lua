-- A synonym beside the canonical name must say the same.
local same = Tool.calculator { input = "1 + 1", expression = "1 + 1" }
local ok, raised = pcall(Tool.calculator, { input = "1 + 1", expression = "2 + 2" })
return { same = same.output, ok = ok, kind = raised.kind, message = raised.message }
