-- A damaged archive is found out.
local base = "/tmp/llmspell" .. Tool.uuid_generator {}.output:gsub("-", "")
Tool.file_operations { operation = "write", path = base .. "/src/a.txt", input = "alpha" }
Tool.file_operations { operation = "write", path = base .. "/src/d/b.txt", input = "beta" }
Tool.archive_handler { operation = "create", path = base .. "/a.tar.bz2", input = base .. "/src" }
Tool.file_operations { operation = "write", path = base .. "/bad.zip", input = "no zip" }
local good = Tool.archive_handler { operation = "test", path = base .. "/a.tar.bz2" }
local bad = Tool.archive_handler { operation = "verify", path = base .. "/bad.zip" }
local result = {
  good = { good.output, good.valid, good.errors, good.file_count },
  bad = { bad.success, bad.output, #bad.errors },
}
Tool.file_operations { operation = "delete", path = base, recursive = true }
return result
