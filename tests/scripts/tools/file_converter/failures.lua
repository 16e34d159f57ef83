-- What cannot be done says why.
local function failure(params)
  local ok, r = pcall(Tool.file_converter, params)
  return ok and { r.success, r.error_kind } or { "raised", r.kind, r.message }
end
return {
  lacking = failure { operation = "encoding", input = "é", to_encoding = "ascii" },
  encoding = failure { operation = "encoding", input = "x", to_encoding = "klingon" },
  broken = failure { operation = "format", input = "{", from_format = "json", to_format = "yaml" },
  impossible = failure { operation = "format", input = "x", from_format = "txt", to_format = "json" },
  tab_size = failure { operation = "indentation", input = "x", tab_size = 17 },
  outside = failure { operation = "detect", path = "../x" },
  missing = failure { operation = "detect" },
}
