-- Data that fits.
local r = Tool.data_validation { input = "ann@example.org", rules = "email" }
return { output = r.output, data = r.data }
