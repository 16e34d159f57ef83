-- Removes what does not belong into a text.
local function clean(params) return Tool.text_manipulator(params).output end
return {
  printable = clean { operation = "sanitize", input = "a\u{7}b\tc\nd\u{200b}" },
  ascii = clean { operation = "sanitize", input = "naïve 🎉", allow = "ascii" },
  alnum = clean { operation = "sanitize", input = "a-b_c 1!", allow = "alnum" },
  colours = clean { operation = "sanitize", input = "\u{1b}[31mred\u{1b}[0m", strip_ansi = true },
  html = clean { operation = "sanitize", input = "<p>fish &amp; <b>chips</b></p>", strip_html = true },
  white_space = clean { operation = "normalize_whitespace", input = "  a \t b\n\n c  " },
  trim = clean { operation = "trim", input = "\n a \t" },
}
