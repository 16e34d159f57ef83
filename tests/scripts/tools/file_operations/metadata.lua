-- What is known of a path is told.
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
Tool.file_operations { operation = "write", path = base .. "/a.json", input = "{}" }
local file = Tool.file_operations { operation = "metadata", path = base .. "/a.json" }
local dir = Tool.file_operations { operation = "stat", path = base }
local none = Tool.file_operations { operation = "info", path = base .. "/none" }
local result = {
  file = { plain(file.path), file.type, file.size, file.readonly, file.permissions, file.mime_type, file.modified == file.data.modified },
  dir = dir.output.type,
  none = none.error_kind,
}
Tool.file_operations { operation = "delete", path = base, recursive = true }
return result
