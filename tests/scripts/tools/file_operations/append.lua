-- Text is added to the end of a file.
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
Tool.file_operations { operation = "append", path = base .. "/log", input = "one\n" }
local second = Tool.file_operations { operation = "append", path = base .. "/log", input = "two\n" }
local all = Tool.file_operations { operation = "read", path = base .. "/log" }
local result = {
  second = { second.appended_size, second.size, plain(second.output) },
  all = all.output,
}
Tool.file_operations { operation = "delete", path = base, recursive = true }
return result
