-- invalid_args: an argument is missing, has the wrong type or is out of range. The error names it.
local function failure(call, ...)
  local _, raised = pcall(call, ...)
  return { kind = raised.kind, message = raised.message, op = raised.op, hints = raised.hints }
end
return {
  missing = failure(Config.get),
  wrong_type = failure(Utils.sleep, "long"),
  out_of_range = failure(Agent.create, { model = "mock/echo", temperature = 5 }),
  too_many = failure(Utils.hash, "data", "md5", "more"),
  unknown_choice = failure(Utils.hash, "data", "crc"),
}
