-- What cannot be searched is told by kind; parameters of the wrong shape raise.
local base = "/tmp/llmspell" .. Tool.uuid_generator {}.output:gsub("-", "")
local function failure(params)
  local ok, r = pcall(Tool.file_search, params)
  return ok and { r.success, r.error_kind } or { "raised", r.kind, r.message }
end
Tool.file_operations { operation = "write", path = base .. "/a", input = "x" }
local result = {
  missing = failure { pattern = "x", path = base .. "/none" },
  blank = failure { pattern = " ", path = base },
  regex = failure { pattern = "(", path = base, use_regex = true },
  outside = failure { pattern = "x", path = "/etc" },
  limit = failure { pattern = "x", path = base, max_results = 0 },
  pattern = failure { path = base },
}
Tool.file_operations { operation = "delete", path = base, recursive = true }
return result
