-- How lists are paired, and what does not count.
local function summary(params) return Tool.diff_calculator(params).summary end
local before = { items = { { id = 1, n = "a" }, { id = 2, n = "b" } }, at = 1, x = 1.5 }
local after = { items = { { id = 2, n = "b" }, { id = 1, n = "z" } }, at = 2, x = 1.5001 }
return {
  index = summary { old_json = before, new_json = after },
  key = summary { old_json = before, new_json = after, array_mode = "key:id" },
  ignored = summary { old_json = before, new_json = after, array_mode = "key:id", ignore_paths = { "at" } },
  tolerant = summary {
    old_json = before, new_json = after, array_mode = "key:id", ignore_paths = { "at" }, float_tolerance = 0.01,
  },
  text = Tool.diff_calculator({ operation = "json_diff", old = '{"a":1}', new = '{"a":1}' }).identical,
}
