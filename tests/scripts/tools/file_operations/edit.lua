-- Parts of a text are replaced: all of them, or none.
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
Tool.file_operations { operation = "write", path = base .. "/a", input = "red red blue\n" }
local often = Tool.file_operations { operation = "edit", path = base .. "/a", edits = { { old = "blue", new = "green" }, { old = "red", new = "x" } } }
local tried = Tool.file_operations { operation = "edit", path = base .. "/a", edits = { { old = "red", new = "white", count = 0 } }, dry_run = true }
local before = Tool.file_operations { operation = "read", path = base .. "/a" }
local made = Tool.file_operations { operation = "edit", path = base .. "/a", edits = { { old = "red", new = "white", count = 0 }, { old = "blue", new = "green" } } }
local after = Tool.file_operations { operation = "read", path = base .. "/a" }
local result = {
  often = { often.success, often.error_kind },
  tried = { tried.replacements, before.output },
  made = { made.replacements, after.output, plain(made.diff) },
}
Tool.file_operations { operation = "delete", path = base, recursive = true }
return result
