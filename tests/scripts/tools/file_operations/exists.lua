-- It is told whether something is there.
local base = "/tmp/llmspell" .. Tool.uuid_generator {}.output:gsub("-", "")
Tool.file_operations { operation = "write", path = base .. "/a", input = "" }
local yes = Tool.file_operations { operation = "exists", path = base .. "/a" }
local no = Tool.file_operations { operation = "exists", path = base .. "/b" }
local out = Tool.file_operations { operation = "exists", path = "/etc/passwd" }
local result = {
  yes = { yes.output, yes.exists, yes.type },
  no = { no.output, no.exists },
  out = out.error_kind,
}
Tool.file_operations { operation = "delete", path = base, recursive = true }
return result
