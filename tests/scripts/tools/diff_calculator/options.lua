-- What counts as equal, how much is shown, and how finely it is compared.
local function same(params) return Tool.diff_calculator(params).identical end
return {
  white_space = same { left = "a  b", right = "a b", ignore_whitespace = true },
  letter_case = same { left = "Ab", right = "aB", ignore_case = true },
  blank_lines = same { left = "a\n\nb\n", right = "a\nb\n", ignore_blank_lines = true },
  strict = same { left = "a  b", right = "a b" },
  words = Tool.diff_calculator({ left = "the old house", right = "the new house", granularity = "word" }).output,
  context = Tool.diff_calculator({ left = "1\n2\n3\n4\n", right = "1\n2\n3\nfour\n", context_lines = 1 }).output,
  labels = Tool.diff_calculator({ left = "a\n", right = "b\n", old_label = "before", new_label = "after" }).output,
}
