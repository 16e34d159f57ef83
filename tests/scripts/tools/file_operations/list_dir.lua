-- Directories are listed by path, also what is below them.
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
Tool.file_operations { operation = "write", path = base .. "/b.md", input = "22" }
Tool.file_operations { operation = "write", path = base .. "/a.txt", input = "1" }
Tool.file_operations { operation = "write", path = base .. "/d/c.md", input = "" }
local flat = Tool.file_operations { operation = "list_dir", path = base }
local deep = Tool.file_operations { operation = "ls", path = base, recursive = true, pattern = "*.md" }
local cut = Tool.file_operations { operation = "dir", path = base, max_entries = 1 }
local result = {
  flat = { flat.files, flat.count, flat.truncated, flat.entries[2].name, flat.entries[2].type, flat.entries[2].size, flat.entries[2].readonly, plain(flat.entries[2].path), flat.entries[3].type },
  message = plain(flat.message),
  deep = deep.files,
  cut = { cut.files, cut.truncated },
}
Tool.file_operations { operation = "delete", path = base, recursive = true }
return result
