-- Paths are found by a glob.
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
Tool.file_operations { operation = "write", path = base .. "/a.rs", input = "1" }
Tool.file_operations { operation = "write", path = base .. "/s/b.rs", input = "2" }
Tool.file_operations { operation = "write", path = base .. "/s/c.md", input = "3" }
local top = Tool.file_operations { operation = "glob", path = base, pattern = "*.rs" }
local deep = Tool.file_operations { operation = "find", path = base, pattern = "**/*.rs" }
local result = {
  top = { plain(top.output), top.count },
  deep = { plain(deep.files), deep.entries[2].name },
}
Tool.file_operations { operation = "delete", path = base, recursive = true }
return result
