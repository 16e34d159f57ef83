-- Bad text is a failure of kind parse with its offset; missing parameters raise.
local function failure(params)
  local ok, r = pcall(Tool.base64_encoder, params)
  return ok and { r.success, r.error_kind, r.error } or { "raised", r.kind, r.message }
end
local offset = Tool.base64_encoder({ operation = "decode", input = "aG*s" }).metadata.details.offset
return {
  text = failure { operation = "decode", input = "aG*s" },
  offset = offset,
  codec = failure { input = "x", codec = "base99" },
  input = failure {},
  type = failure { input = { 1 } },
}
