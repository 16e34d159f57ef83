-- What .gitignore files name is left out, and so are hidden files.
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
Tool.file_operations { operation = "write", path = base .. "/.gitignore", input = "*.log\nbuild/\n" }
Tool.file_operations { operation = "write", path = base .. "/a.log", input = "x" }
Tool.file_operations { operation = "write", path = base .. "/build/b", input = "x" }
Tool.file_operations { operation = "write", path = base .. "/.hidden", input = "x" }
Tool.file_operations { operation = "write", path = base .. "/node_modules/c", input = "x" }
Tool.file_operations { operation = "write", path = base .. "/d", input = "x" }
local usual = Tool.file_search { pattern = "x", path = base }
local all = Tool.file_search { pattern = "x", path = base, respect_gitignore = false, hidden = true, exclude = { ".gitignore" } }
local result = {
  usual = plain(usual.data.files),
  all = plain(all.data.files),
}
Tool.file_operations { operation = "delete", path = base, recursive = true }
return result
