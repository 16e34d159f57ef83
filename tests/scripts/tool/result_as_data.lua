-- Written as JSON, a result is the envelope without `text` and `result`.
local r = Tool.calculator { input = "6 * 7" }
local again = JSON.parse(JSON.stringify(r))
local names = {}
for name in pairs(again) do names[#names + 1] = name end
table.sort(names)
return { names = names, output = again.output, data = again.data.result }
