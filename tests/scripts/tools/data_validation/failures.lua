-- Rules that make no sense are failures; missing parameters raise.
local function failure(params)
  local ok, r = pcall(Tool.data_validation, params)
  return ok and { r.success, r.error_kind } or { "raised", r.kind, r.message }
end
return {
  rule = failure { input = "x", rules = "emial" },
  expression = failure { input = "x", rules = { type = "pattern", regex = "(" } },
  schema = failure { input = "x", schema = { type = "strnig" } },
  neither = failure { input = "x" },
  input = failure { rules = "required" },
  type = failure { input = "x", rules = "email", fail_fast = "perhaps" },
}
