-- Nested objects to dotted keys and back.
local flat = Tool.json_processor({ operation = "flatten", input = { a = { b = { 1, { c = 2 } } }, d = 3 } }).output
return { flat = flat, nested = Tool.json_processor({ operation = "unflatten", input = flat }).output }
