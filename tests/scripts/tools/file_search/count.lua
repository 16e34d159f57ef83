-- Matches are counted.
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
Tool.file_operations { operation = "write", path = base .. "/a", input = "x x\nx" }
Tool.file_operations { operation = "write", path = base .. "/b", input = "y" }
Tool.file_operations { operation = "write", path = base .. "/c", input = "X" }
local r = Tool.file_search { operation = "count", pattern = "x", path = base }
local any = Tool.file_search { operation = "count", pattern = "x", path = base, case_sensitive = false }
local result = {
  counts = { r.output, r.total, plain(r.counts[1].file_path), r.counts[1].count, #r.counts },
  any = any.total,
}
Tool.file_operations { operation = "delete", path = base, recursive = true }
return result
