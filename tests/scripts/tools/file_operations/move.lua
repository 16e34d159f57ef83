-- Files and directories are moved.
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
Tool.file_operations { operation = "write", path = base .. "/b", input = "2" }
local dry = Tool.file_operations { operation = "move", source_path = base .. "/d", target_path = base .. "/n/d", dry_run = true }
local kept = Tool.file_operations { operation = "rename", source_path = base .. "/d/a", target_path = base .. "/b", overwrite = false }
local moved = Tool.file_operations { operation = "mv", source_path = base .. "/d", target_path = base .. "/n/d" }
local there = Tool.file_operations { operation = "exists", path = base .. "/n/d/a" }
local here = Tool.file_operations { operation = "exists", path = base .. "/d" }
local result = {
  dry = dry.success,
  kept = kept.error_kind,
  moved = { plain(moved.source), plain(moved.target), plain(moved.output) },
  there = there.output,
  here = here.output,
}
Tool.file_operations { operation = "delete", path = base, recursive = true }
return result
