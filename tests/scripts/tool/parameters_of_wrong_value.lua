-- Parameters of the right type whose value is not allowed are a failure of the tool, not an error of the script.
local function failure(params)
  local r = Tool.invoke("hash_calculator", params)
  return { success = r.success, error_kind = r.error_kind, error = r.error }
end
return {
  operation = failure { operation = "hsah", input = "abc" },
  choice = failure { input = "abc", algorithm = "sha257" },
  timeout = failure { input = "abc", timeout_ms = 0 },
  output = failure { input = "abc", max_output_bytes = 0 },
}
