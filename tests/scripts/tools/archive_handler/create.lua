-- Files and directories are packed; the name tells the format.
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
local zip = Tool.archive_handler { operation = "create", path = base .. "/a.zip", input = base .. "/src" }
local tar = Tool.archive_handler { operation = "pack", output_path = base .. "/a.tgz", files = { base .. "/src/a.txt", { path = base .. "/src/d/b.txt", archive_path = "c" } }, compression_level = 9 }
local taken = Tool.archive_handler { operation = "create", path = base .. "/a.zip", input = base .. "/src" }
local one = Tool.archive_handler { operation = "compress", path = base .. "/a.txt.gz", input = base .. "/src/a.txt" }
local result = {
  zip = { plain(zip.output), zip.format, zip.data.files, zip.archived_files, zip.file_count, zip.total_size, zip.compression_level, zip.skipped },
  tar = { tar.format, tar.data.files, tar.compression_level },
  taken = taken.error_kind,
  one = { one.format, one.data.files },
}
Tool.file_operations { operation = "delete", path = base, recursive = true }
return result
