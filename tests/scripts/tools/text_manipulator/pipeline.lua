-- Several operations in a row, each on what the one before it made.
local r = Tool.text_manipulator {
  operation = "pipeline",
  input = "  Hello World  ",
  operations = {
    { operation = "trim" },
    { operation = "replace", options = { from = "World", to = "Ann" } },
    "uppercase",
  },
}
local empty = Tool.text_manipulator { operation = "pipeline", input = "same", operations = {} }
local bad = Tool.text_manipulator { operation = "pipeline", input = "x", operations = { "trim", "explode" } }
return { output = r.output, empty = empty.output, bad = { bad.success, bad.error_kind, bad.error:match("^step 2") } }
