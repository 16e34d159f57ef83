-- What cannot be watched is told by kind; parameters of the wrong shape raise.
local base = "/tmp/llmspell" .. Tool.uuid_generator {}.output:gsub("-", "")
local function failure(params)
  local ok, r = pcall(Tool.file_watcher, params)
  return ok and { r.success, r.error_kind } or { "raised", r.kind, r.message }
end
Tool.file_operations { operation = "write", path = base .. "/a", input = "x" }
local result = {
  missing = failure { operation = "watch", input = base .. "/none" },
  outside = failure { operation = "start", input = "/etc" },
  kind = failure { operation = "watch", input = base .. "/a", events = { "moved" } },
  watch = failure { operation = "stop", watch_id = "watch-9" },
  input = failure { operation = "watch" },
  id = failure { operation = "poll" },
}
Tool.file_operations { operation = "delete", path = base, recursive = true }
return result
