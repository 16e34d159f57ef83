-- Letter case, Unicode-aware.
local function text(operation, input) return Tool.text_manipulator({ operation = operation, input = input }).output end
return {
  uppercase = text("uppercase", "straße"),
  lowercase = text("lowercase", "ÀÉÎ"),
  capitalize = text("capitalize", "élan vital"),
  title_case = text("title_case", "the quick brown fox"),
  upper = text("upper", "also"),
  lower = text("lower", "ALSO"),
  format = Tool.text_manipulator({ operation = "case", input = "an example", format = "title" }).output,
}
