-- Files go; directories that are not empty only on request.
local base = "/tmp/llmspell" .. Tool.uuid_generator {}.output:gsub("-", "")
local function plain_text(text)
  return (text:gsub(base, "BASE"))
end
local function plain(value)
  if type(value) == "table" then
    local list = {}
    for index, text in ipairs(value) do
      list[index] = plain_text(text)
    end
    return list
  end
  return plain_text(value)
end
Tool.file_operations { operation = "write", path = base .. "/d/a", input = "1" }
Tool.file_operations { operation = "write", path = base .. "/d/e/b", input = "2" }
Tool.file_operations { operation = "write", path = base .. "/c", input = "3" }
local file = Tool.file_operations { operation = "delete", path = base .. "/c" }
local full = Tool.file_operations { operation = "delete", path = base .. "/d" }
local dry = Tool.file_operations { operation = "rm", path = base .. "/d", recursive = true, dry_run = true }
local all = Tool.file_operations { operation = "remove", path = base .. "/d", recursive = true }
local left = Tool.file_operations { operation = "list_dir", path = base }
local result = {
  file = { file.deleted, plain(file.path) },
  full = { full.success, full.error_kind },
  dry = dry.deleted,
  all = all.deleted,
  left = left.count,
}
Tool.file_operations { operation = "delete", path = base, recursive = true }
return result
