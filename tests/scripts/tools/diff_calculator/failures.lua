-- Values that are not allowed are failures; missing parameters raise.
local function failure(params)
  local ok, r = pcall(Tool.diff_calculator, params)
  return ok and { r.success, r.error_kind } or { "raised", r.kind, r.message }
end
return {
  format = failure { old = "a", new = "b", format = "pictures" },
  json = failure { operation = "json", old = "{", new = "{}" },
  patch = failure { operation = "apply", input = "a\n", patch = "no patch at all" },
  new_text = failure { old_text = "a" },
  base_text = failure { operation = "merge3", old_text = "a", new_text = "b" },
  type = failure { old = "a", new = "b", context_lines = "few" },
}
