-- Files and directories are copied.
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
Tool.file_operations { operation = "write", path = base .. "/d/e/b", input = "22" }
local one = Tool.file_operations { operation = "copy", source_path = base .. "/d/a", target_path = base .. "/x/a" }
local tree = Tool.file_operations { operation = "copy", source_path = base .. "/d", target_path = base .. "/y" }
local all = Tool.file_operations { operation = "cp", source = base .. "/d", target = base .. "/y", recursive = true }
local kept = Tool.file_operations { operation = "copy", source_path = base .. "/d/e/b", target_path = base .. "/x/a", overwrite = false }
local found = Tool.file_operations { operation = "glob", path = base .. "/y", pattern = "**/b" }
local result = {
  one = { plain(one.source), plain(one.target), one.bytes, one.files },
  tree = { tree.success, tree.error_kind },
  all = { all.bytes, all.files },
  kept = kept.error_kind,
  found = plain(found.output),
}
Tool.file_operations { operation = "delete", path = base, recursive = true }
return result
