-- One value may have 64 MiB; more belongs into a file or an artifact.
local text = ("x"):rep(65 * 1024 * 1024)
local ok, raised = pcall(Agent.set_shared_memory, { type = "global" }, "text", text)
return { ok = ok, kind = raised.kind, message = raised.message, op = raised.op, hints = raised.hints }
