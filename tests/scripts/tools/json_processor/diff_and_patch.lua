-- A JSON Patch (RFC 6902) from two documents, and back; merge patches (RFC 7396) as well.
local before, after = { a = 1, b = { 1, 2 } }, { a = 2, b = { 1, 2, 3 } }
local patch = Tool.json_processor({ operation = "diff", input = before, with = after }).output
local merge = Tool.json_processor({ operation = "diff", input = before, with = after, merge_patch = true }).output
return {
  patch = patch,
  patched = Tool.json_processor({ operation = "patch", input = before, patch = patch }).output,
  merge = merge,
  merged = Tool.json_processor({ operation = "patch", input = before, patch = merge, merge_patch = true }).output,
}
