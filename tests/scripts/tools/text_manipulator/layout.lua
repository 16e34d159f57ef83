-- Cuts, indents, wraps and pads.
local function lay(params) return Tool.text_manipulator(params).output end
return {
  truncate = lay { operation = "truncate", input = "a rather long sentence", max_length = 10 },
  ellipsis = lay { operation = "truncate", input = "a rather long sentence", max_length = 10, ellipsis = "…" },
  words = lay { operation = "truncate", input = "a rather long sentence", max_length = 2, by = "words" },
  short = lay { operation = "truncate", input = "short" },
  indent = lay { operation = "indent", input = "a\n\nb", spaces = 2 },
  dedent = lay { operation = "dedent", input = "    a\n      b" },
  wrap = lay { operation = "word_wrap", input = "the quick brown fox jumps", width = 10 },
  pad = lay { operation = "pad", input = "7", width = 3, side = "left", char = "0" },
}
