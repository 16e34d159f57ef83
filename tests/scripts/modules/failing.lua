-- An error while a module is loaded reaches whoever loads it; it names the module's line.
local ok, raised = pcall(require, "broken")
return { ok = ok, kind = raised.kind, message = raised.message, at = raised.details.at:match("broken%.%w+:2$") ~= nil }
