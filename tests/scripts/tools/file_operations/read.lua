-- A text is read whole, in lines, and up to a number of bytes.
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
Tool.file_operations { operation = "write", path = base .. "/a.txt", input = "one\ntwo\nthree\n" }
local whole = Tool.file_operations { operation = "read", path = base .. "/a.txt" }
local lines = Tool.file_operations { operation = "cat", path = base .. "/a.txt", start_line = 2, end_line = 2 }
local start = Tool.file_operations { operation = "read", path = base .. "/a.txt", max_bytes = 5 }
local binary = Tool.file_operations { operation = "read", path = base .. "/a.txt", encoding = "base64" }
local result = {
  whole = { whole.output, whole.size, whole.encoding, whole.line_count, whole.start_line, whole.end_line, whole.input },
  lines = { lines.content, lines.line_count, lines.start_line, lines.end_line },
  start = { start.content, start.size, start.metadata.truncated },
  binary = { binary.output, binary.encoding },
  path = plain(whole.path),
}
Tool.file_operations { operation = "delete", path = base, recursive = true }
return result
