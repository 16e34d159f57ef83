-- A file is written, with the directories above it; a table is written as JSON.
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
local first = Tool.file_operations { operation = "write", path = base .. "/d/a.txt", input = "hello" }
local again = Tool.file_operations { operation = "create", path = base .. "/d/a.txt", content = "bye" }
local taken = Tool.file_operations { operation = "write", path = base .. "/d/a.txt", input = "x", mode = "create_new" }
Tool.file_operations { operation = "write", path = base .. "/t.json", input = { a = { 1, 2 } } }
local json = Tool.file_operations { operation = "read", path = base .. "/t.json" }
local result = {
  first = { plain(first.path), first.bytes_written, first.size, first.created, plain(first.output) },
  again = { again.size, again.created },
  taken = { taken.success, taken.error_kind },
  json = json.output,
}
Tool.file_operations { operation = "delete", path = base, recursive = true }
return result
