-- A tool that is not there raises, and the error suggests the nearest names.
local ok, raised = pcall(Tool.invoke, "text_manipulater", { operation = "uppercase", input = "x" })
return { ok = ok, kind = raised.kind, message = raised.message, op = raised.op, hints = raised.hints }
