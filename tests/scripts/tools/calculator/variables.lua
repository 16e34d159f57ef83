-- Names in the expression stand for numbers, booleans and lists of numbers.
local r = Tool.calculator { input = "x * 2 + max(list)", variables = { x = 20, list = { 1, 2 } } }
local decimal = Tool.calculator { input = "a + b", variables = { a = 0.1, b = 0.2 }, mode = "decimal" }
local rounded = Tool.calculator { input = "2 / 3", precision = 3 }
return { output = r.output, variables = r.data.variables, decimal = decimal.output, formatted = rounded.data.formatted }
