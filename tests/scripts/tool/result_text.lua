-- `text` is the whole answer as JSON text, with `result` beside `data`.
local good = JSON.parse(Tool.calculator({ input = "6 * 7" }).text)
local bad = JSON.parse(Tool.calculator({ input = "1 / 0" }).text)
local names = {}
for name in pairs(good) do names[#names + 1] = name end
table.sort(names)
return {
  names = names,
  success = good.success,
  result = good.result.result,
  data = good.data.result,
  bad = { bad.success, bad.error_kind, bad.operation },
}
