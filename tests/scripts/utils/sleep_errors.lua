-- The time must be a number from 0 on.
local function failure(...)
  local ok, raised = pcall(Utils.sleep, ...)
  assert(not ok)
  return { kind = raised.kind, message = raised.message, op = raised.op }
end
return { negative = failure(-1), text = failure("soon"), missing = failure() }
