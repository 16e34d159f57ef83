-- Lists what an expression may use.
local r = Tool.calculator { operation = "functions" }
local groups = {}
for name in pairs(r.data) do groups[#groups + 1] = name end
table.sort(groups)
return { groups = groups, examples = #r.examples > 0 }
