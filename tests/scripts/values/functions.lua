-- A function is no data: where none is asked for it is refused, and the error says where it stands.
local scope = { type = "global" }
local seen = {}
for i, value in ipairs { print, { a = { 1, print } }, { call = print } } do
  local ok, raised = pcall(Agent.set_shared_memory, scope, "f", value)
  seen[i] = ok or { kind = raised.kind, op = raised.op, message = raised.message }
end
local _, typed = pcall(Utils.hash, print)
local _, text = pcall(JSON.stringify, print)
return { seen = seen, typed = { typed.kind, typed.message }, text = { text.kind, text.message } }
