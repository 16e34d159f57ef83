-- Values that are not allowed, and processes that the configuration hides.
local function failure(params)
  local ok, r = pcall(Tool.system_monitor, params)
  if not ok then return { "raised", r.kind, r.message } end
  return { r.success, r.error_kind, r.error }
end
return {
  operation = failure { operation = "gpu" },
  sample = failure { sample_ms = 5 },
  processes = failure { operation = "processes" },
  type = failure { limit = { a = 1 } },
}
