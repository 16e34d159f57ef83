-- Every tool of the run, sorted by name. An item used as text is the name.
local names, by_name = {}, {}
for i, tool in ipairs(Tool.list()) do
  names[i] = "" .. tool
  by_name[tool.name] = tool
end
local calculator = by_name.calculator
local sorted = { table.unpack(names) }
table.sort(sorted)
return {
  sorted = table.concat(names, " ") == table.concat(sorted, " "),
  calculator = { calculator.name, calculator.version, calculator.category, type(calculator.description) },
  text = calculator .. "!",
}
