-- A value that contains itself is refused, and the error says where.
local person = { name = "Ann" }
person.friend = { friend = person }
local ok, raised = pcall(Agent.set_shared_memory, { type = "global" }, "person", person)
return { ok = ok, kind = raised.kind, message = raised.message, op = raised.op, hints = raised.hints }
