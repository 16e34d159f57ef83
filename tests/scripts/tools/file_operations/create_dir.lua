-- Directories are made, those above them on request.
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
Tool.file_operations { operation = "write", path = base .. "/x", input = "" }
local orphan = Tool.file_operations { operation = "create_dir", path = base .. "/a/b/c" }
local made = Tool.file_operations { operation = "mkdir", path = base .. "/a/b/c", recursive = true }
local again = Tool.file_operations { operation = "create_dir", path = base .. "/a/b/c" }
local result = {
  orphan = { orphan.success, orphan.error_kind },
  made = { plain(made.path), made.created },
  again = again.created,
}
Tool.file_operations { operation = "delete", path = base, recursive = true }
return result
