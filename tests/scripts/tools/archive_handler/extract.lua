-- An archive is unpacked, whole or in part.
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
Tool.file_operations { operation = "write", path = base .. "/src/a.txt", input = "alpha" }
Tool.file_operations { operation = "write", path = base .. "/src/d/b.txt", input = "beta" }
Tool.archive_handler { operation = "create", path = base .. "/a.tar.xz", input = base .. "/src" }
local all = Tool.archive_handler { operation = "extract", path = base .. "/a.tar.xz", target_path = base .. "/out" }
local text = Tool.file_operations { operation = "read", path = base .. "/out/src/d/b.txt" }
local taken = Tool.archive_handler { operation = "unpack", path = base .. "/a.tar.xz", target_path = base .. "/out" }
local kept = Tool.archive_handler { operation = "extract", path = base .. "/a.tar.xz", target_path = base .. "/out", overwrite = "skip" }
local part = Tool.archive_handler { operation = "decompress", path = base .. "/a.tar.xz", target_path = base .. "/part", members = { "src/d" }, strip_components = 2 }
local result = {
  all = { plain(all.output_dir), plain(all.output), plain(all.extracted_files), all.file_count, all.total_size, all.skipped },
  text = text.output,
  taken = taken.error_kind,
  kept = { kept.file_count, kept.skipped },
  part = plain(part.output),
}
Tool.file_operations { operation = "delete", path = base, recursive = true }
return result
