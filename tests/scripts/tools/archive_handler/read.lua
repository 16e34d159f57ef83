-- Members are read without unpacking.
local base = "/tmp/llmspell" .. Tool.uuid_generator {}.output:gsub("-", "")
Tool.file_operations { operation = "write", path = base .. "/src/a.txt", input = "alpha" }
Tool.file_operations { operation = "write", path = base .. "/src/d/b.txt", input = "beta" }
Tool.archive_handler { operation = "create", path = base .. "/a.tar.zst", input = base .. "/src" }
local r = Tool.archive_handler { operation = "read", path = base .. "/a.tar.zst", members = { "src/a.txt", "src/d/b.txt" } }
local result = {
  output = r.output,
  files = r.data.files,
}
Tool.file_operations { operation = "delete", path = base, recursive = true }
return result
