-- The data says how long the text was and is, in characters.
local r = Tool.text_manipulator { operation = "trim", input = "  naïve 🎉  " }
return { output = r.output, data = r.data, operation = r.operation }
