-- The second argument asks for indentation.
local value = { a = { 1, 2 }, b = JSON.array {}, c = {}, d = { e = "f" } }
return JSON.stringify(value, true)
