-- Values may be nested 128 deep; a deeper one is refused, and the error says where.
local scope = { type = "global" }
local function nested(depth)
  local value = {}
  for _ = 2, depth do value = { n = value } end
  return value
end
local deepest = pcall(Agent.set_shared_memory, scope, "deep", nested(128))
local ok, raised = pcall(Agent.set_shared_memory, scope, "deep", nested(200))
return {
  deepest = deepest,
  ok = ok,
  kind = raised.kind,
  op = raised.op,
  message = raised.message:match("^(.-) at '"),
  named = raised.message:match("at '(n%.n%.n)") ~= nil,
}
