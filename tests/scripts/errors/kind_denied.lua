-- denied: the policy refuses, and the error says where it is set.
local ok, raised = pcall(Config.set, "security.level", "privileged")
return { ok = ok, kind = raised.kind, message = raised.message, op = raised.op, hints = raised.hints }
