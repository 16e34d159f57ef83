-- What is small for the script can stand for an endless value; it is refused before it fills the memory.
local value = ("x"):rep(1024 * 1024)
for _ = 1, 60 do value = { value, value } end
local ok, raised = pcall(Agent.set_shared_memory, { type = "global" }, "value", value)
return { ok = ok, kind = raised.kind, op = raised.op }
