-- Text is found in files, with its place and the lines around it.
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
Tool.file_operations { operation = "write", path = base .. "/a.txt", input = "one\nzwei needle\nthree\n" }
Tool.file_operations { operation = "write", path = base .. "/sub/b.md", input = "Needle needle\n" }
Tool.file_operations { operation = "write", path = base .. "/c.bin", input = "needle" }
local r = Tool.file_search { pattern = "needle", path = base, exclude = { "*.bin" }, context_lines = 1 }
local any = Tool.file_search { operation = "search_regex", query = "(n)eed\\w+", path = base .. "/sub", ignore_case = true }
local files = Tool.file_search { pattern = "needle", path = base, output_mode = "files", include = { "md", "txt" } }
local none = Tool.file_search { pattern = "absent", path = base }
local cut = Tool.file_search { pattern = "needle", path = base, max_results = 1 }
local result = {
  first = { plain(r.matches[1].file_path), r.matches[1].line_number, r.matches[1].column_number, r.matches[1].byte_offset, r.matches[1].line_content, r.matches[1].matched_text, r.matches[1].context_before, r.matches[1].context_after, r.matches[1].context },
  files = plain(r.data.files),
  summary = r.summary,
  any = { #any.output, any.matches[1].captures },
  output = plain(files.output),
  none = { none.summary.has_matches, none.output },
  cut = { #cut.output, cut.truncated },
}
Tool.file_operations { operation = "delete", path = base, recursive = true }
return result
