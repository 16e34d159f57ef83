-- Parameters that are unknown, missing or of the wrong type raise before the tool runs.
local function failure(params)
  local ok, raised = pcall(Tool.invoke, "hash_calculator", params)
  if ok then return { raised = false, error = raised.error } end
  return { kind = raised.kind, message = raised.message, op = raised.op, hints = raised.hints }
end
return {
  unknown = failure { inptu = "abc" },
  missing = failure { algorithm = "md5" },
  missing_for_operation = failure { operation = "verify", input = "abc" },
  wrong_type = failure { input = "abc", format = { 1 } },
  no_table = failure("abc"),
}
