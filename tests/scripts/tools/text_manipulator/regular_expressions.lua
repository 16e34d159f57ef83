-- Regular expressions: replaced, matched, extracted.
local input = "Ann <ann@example.org>, Bob <BOB@example.org>"
local function run(params)
  params.input = input
  return Tool.text_manipulator(params).output
end
return {
  replaced = run { operation = "regex_replace", pattern = "(\\w+)@(\\w+)", replacement = "$2 at $1" },
  match = run { operation = "match", pattern = "^ann", flags = "i" },
  no_match = run { operation = "match", pattern = "^bob" },
  extract = run { operation = "extract", pattern = "\\w+@[\\w.]+" },
  group = run { operation = "extract", pattern = "(\\w+)@", group = 1 },
  action = run { operation = "regex", action = "extract", pattern = "[A-Z]\\w+ " },
}
