-- The limits in effect are shown.
local base = "/tmp/llmspell" .. Tool.uuid_generator {}.output:gsub("-", "")
Tool.file_operations { operation = "write", path = base .. "/a", input = "x" }
local r = Tool.file_watcher { operation = "config" }
local result = {
  limits = r.output,
}
Tool.file_operations { operation = "delete", path = base, recursive = true }
return result
