-- A module that is not there is an error of kind not_found that says where it was looked for.
local ok, raised = pcall(require, "no_such_module")
return { ok = ok, kind = raised.kind, named = raised.message:find("no_such_module", 1, true) ~= nil }
