-- data_validation asks a function of the script about a value.
local rule = { type = "custom", check = function(value) return value % 2 == 0 end }
local even = Tool.data_validation { input = 4, rules = rule }
local odd = Tool.data_validation { input = { n = 3 }, rules = { n = rule } }
return { even = even.output, odd = odd.output, field = odd.errors[1].field, rule = odd.errors[1].rule }
