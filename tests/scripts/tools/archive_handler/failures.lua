-- What cannot be done is told by kind; parameters of the wrong shape raise.
local base = "/tmp/llmspell" .. Tool.uuid_generator {}.output:gsub("-", "")
local function failure(params)
  local ok, r = pcall(Tool.archive_handler, params)
  return ok and { r.success, r.error_kind } or { "raised", r.kind, r.message }
end
Tool.file_operations { operation = "write", path = base .. "/a", input = "no archive" }
local result = {
  missing = failure { operation = "list", path = base .. "/none.zip" },
  unknown = failure { operation = "list", path = base .. "/a" },
  damaged = failure { operation = "list", path = base .. "/a", format = "zip" },
  format = failure { operation = "create", path = base .. "/b.rar", input = base .. "/a" },
  level = failure { operation = "create", path = base .. "/b.zip", input = base .. "/a", compression_level = 12 },
  outside = failure { operation = "create", path = "/etc/b.zip", input = base .. "/a" },
  target = failure { operation = "extract", path = base .. "/a" },
}
Tool.file_operations { operation = "delete", path = base, recursive = true }
return result
