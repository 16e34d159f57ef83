-- Describes a list of numbers.
local r = Tool.calculator { operation = "statistics", values = { 2, 4, 4, 4, 5, 5, 7, 9 } }
return { output = r.output, data = r.data }
