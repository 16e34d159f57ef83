-- An open file is no data: a tool is not given an empty table in its place, and the error says where it stands.
local scope = { type = "global" }
local seen = {}
for i, value in ipairs { io.stdout, { a = { 1, io.stdin } } } do
  local ok, raised = pcall(Agent.set_shared_memory, scope, "f", value)
  seen[i] = ok or { raised.kind, raised.message:match("^cannot convert"), raised.message:match("at '.+'") }
end
local ok, raised = pcall(Tool.invoke, "json_processor", { operation = "stringify", input = { out = io.stdout } })
return { alone = seen[1], inside = seen[2], tool = ok or { raised.kind, raised.message:match("at '.*out'") ~= nil } }
