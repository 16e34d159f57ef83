-- An error that is caught and raised again keeps what it was.
local _, first = pcall(JSON.parse, "{")
local _, second = pcall(function()
  local ok, raised = pcall(JSON.parse, "{")
  if not ok then error(raised, 0) end
end)
return {
  kind = second.kind,
  op = second.op,
  same_message = first.message == second.message,
  line = second.details.line,
}
