-- Values that are not allowed are failures; missing parameters raise.
local function failure(params)
  local ok, r = pcall(Tool.hash_calculator, params)
  return ok and { r.success, r.error_kind, r.error } or { "raised", r.kind, r.message }
end
return {
  algorithm = failure { input = "abc", algorithm = "sha257" },
  encoding = failure { input = "xyz", input_encoding = "hex" },
  input = failure {},
  expected = failure { operation = "verify", input = "abc" },
  key = failure { operation = "hmac", input = "abc" },
  type = failure { input = 5 },
}
