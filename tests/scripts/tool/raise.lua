-- With `raise`, failures of the tool raise as well.
local ok, raised = pcall(Tool.invoke, "calculator", { input = "1 / 0" }, { raise = true })
local good = Tool.invoke("calculator", { input = "1 / 2" }, { raise = true })
return { ok = ok, kind = raised.kind, op = raised.op, message = raised.message, good = good.output }
