-- The setting `tools.raise_errors` makes that the rule.
local ok, raised = pcall(Tool.calculator, { input = "1 / 0" })
return { ok = ok, kind = raised.kind, soft = Tool.invoke("calculator", { input = "1 / 0" }, { raise = false }).success }
