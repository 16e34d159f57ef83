-- What cannot be done is told by kind; parameters of the wrong shape raise.
local base = "/tmp/llmspell" .. Tool.uuid_generator {}.output:gsub("-", "")
local function failure(params)
  local ok, r = pcall(Tool.file_operations, params)
  return ok and { r.success, r.error_kind } or { "raised", r.kind, r.message }
end
Tool.file_operations { operation = "write", path = base .. "/a", input = "x" }
local result = {
  missing = failure { operation = "read", path = base .. "/none" },
  directory = failure { operation = "read", path = base },
  traversal = failure { operation = "read", path = base .. "/../etc/passwd" },
  outside = failure { operation = "read", path = "/etc/passwd" },
  operation = failure { operation = "reed", path = base .. "/a" },
  mode = failure { operation = "write", path = base .. "/a", input = "x", mode = "other" },
  path = failure { operation = "read" },
  input = failure { operation = "write", path = base .. "/a" },
}
Tool.file_operations { operation = "delete", path = base, recursive = true }
return result
