-- A rule that meets a value of another type says so.
local r = Tool.data_validation { input = { n = "five" }, rules = { n = "range:1-5" } }
local e = r.errors[1]
return { field = e.field, rule = e.rule, message = e.message, value = e.value }
