-- What is wrong with the cells.
local people = "name,age,city\nAnn,31,Berlin\nBob,25,New York\nCyd,,Berlin\nDee,40,Oslo\n"
local function data(params)
  params.input = params.input or people
  return Tool.csv_analyzer(params).data
end
return {
  wrong = data { operation = "validate", rules = { age = { "required", "range:30-50" } } },
  right = data { operation = "validate", options = { rules = { name = "unique" } } },
}
