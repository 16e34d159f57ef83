-- Replaces all occurrences unless `count` says how many; options may stand in `options`.
local function replace(options)
  options.operation, options.input = "replace", "a-b-c"
  return Tool.text_manipulator(options).output
end
return {
  all = replace { from = "-", to = "+" },
  one = replace { from = "-", to = "+", count = 1 },
  expression = replace { from = "[ab]", to = "x", regex = true },
  pattern = replace { pattern = "-", replacement = "/" },
  options = replace { options = { from = "c", to = "d" } },
}
