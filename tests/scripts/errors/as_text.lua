-- Used as a text, an error reads "<op>: <message>".
local _, raised = pcall(Tool.invoke, "calculatr")
assert(raised .. "" == tostring(raised) and #raised == #tostring(raised) and raised:find("Tool", 1, true) == 14)
return {
  text = tostring(raised),
  joined = "failed: " .. raised,
  found = raised:match("'(%w+)'"),
  upper = raised:upper():sub(1, 11),
}
