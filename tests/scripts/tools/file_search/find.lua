-- Files are found by name, size and type.
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
Tool.file_operations { operation = "write", path = base .. "/a.rs", input = "12345" }
Tool.file_operations { operation = "write", path = base .. "/d/b.rs", input = "1" }
Tool.file_operations { operation = "write", path = base .. "/.hidden", input = "1" }
Tool.file_operations { operation = "write", path = base .. "/d/c.md", input = "" }
local named = Tool.file_search { operation = "find", path = base, name = "*.rs" }
local large = Tool.file_search { operation = "find_files", path = base, type = "file", min_size = 2 }
local dirs = Tool.file_search { operation = "find", path = base, type = "directory" }
local recent = Tool.file_search { operation = "find", path = base, modified_after = "2020-01-01", max_depth = 1, hidden = true }
local result = {
  named = { plain(named.output), named.count, named.data.files[1].name, named.data.files[1].size, named.data.files[1].type },
  large = plain(large.output),
  dirs = plain(dirs.output),
  recent = plain(recent.output),
}
Tool.file_operations { operation = "delete", path = base, recursive = true }
return result
