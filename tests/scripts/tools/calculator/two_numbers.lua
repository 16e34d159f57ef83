-- Six operations take two numbers, a and b.
local results = {}
for _, operation in ipairs { "add", "subtract", "multiply", "divide", "power", "modulo" } do
  results[operation] = Tool.calculator({ operation = operation, a = 7, b = 2 }).output
end
return results
