-- What is in an archive is listed.
local base = "/tmp/llmspell" .. Tool.uuid_generator {}.output:gsub("-", "")
Tool.file_operations { operation = "write", path = base .. "/src/a.txt", input = "alpha" }
Tool.file_operations { operation = "write", path = base .. "/src/d/b.txt", input = "beta" }
Tool.archive_handler { operation = "create", path = base .. "/a.zip", input = base .. "/src" }
local r = Tool.archive_handler { operation = "list", path = base .. "/a.zip" }
local some = Tool.archive_handler { operation = "info", path = base .. "/a.zip", members = "**/*.txt" }
local none = Tool.archive_handler { operation = "list", path = base .. "/a.zip", members = { "x" } }
local result = {
  r = { r.format, r.file_count, r.total_size, r.output[1].name, r.output[1].is_dir, r.output[2].name, r.output[2].size, r.output[2].type, r.output[2].crc32 },
  some = some.file_count,
  none = none.error_kind,
}
Tool.file_operations { operation = "delete", path = base, recursive = true }
return result
