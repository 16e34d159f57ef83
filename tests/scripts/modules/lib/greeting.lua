-- A module is a file that returns a value.
local function hello(name) return "hello " .. name end
return { hello = hello, language = "any" }
