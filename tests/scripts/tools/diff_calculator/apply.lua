-- Applies a difference: to a text, or a JSON Patch to data.
local old, new = "one\ntwo\nthree\n", "one\n2\nthree\n"
local diff = Tool.diff_calculator({ old_text = old, new_text = new }).output
local text = Tool.diff_calculator { operation = "apply", input = old, patch = diff }
local data = Tool.diff_calculator {
  operation = "apply", input = { a = 1 }, patch = { { op = "add", path = "/b", value = { 2 } } },
}
local elsewhere = Tool.diff_calculator { operation = "patch", input = "something else\n", patch = diff }
return {
  text = text.output,
  applied = text.applied,
  data = data.output,
  elsewhere = { elsewhere.success, #(elsewhere.rejected or {}) },
}
