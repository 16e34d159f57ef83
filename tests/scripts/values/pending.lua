-- What is not data yet is refused: a coroutine in Lua, a promise that nobody awaited in JavaScript.
local pending = coroutine.create(function() end)
local ok, raised = pcall(Agent.set_shared_memory, { type = "global" }, "later", { value = pending })
return { ok = ok, kind = raised.kind, op = raised.op, named = raised.message:match("at '(value)'") }
