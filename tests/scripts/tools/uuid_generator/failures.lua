-- Values that are not allowed are failures; missing parameters raise.
local function failure(params)
  local ok, r = pcall(Tool.uuid_generator, params)
  return ok and { r.success, r.error_kind, r.error } or { "raised", r.kind, r.message }
end
return {
  version = failure({ version = "v9" })[2],
  count = failure { count = 10001 },
  namespace = failure({ version = "v5", name = "x", namespace = "nowhere" })[2],
  name = failure { version = "v5" },
  deterministic = failure { operation = "deterministic" },
  type = failure { count = "many" },
}
