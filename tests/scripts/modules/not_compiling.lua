-- A module that does not compile is an error of kind parse, with file and line.
local ok, raised = pcall(require, "garbled")
return { ok = ok, kind = raised.kind, line = raised.details.line, file = raised.details.file:match("garbled") }
