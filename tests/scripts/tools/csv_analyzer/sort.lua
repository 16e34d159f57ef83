-- Rows in another order; what is empty comes last.
local people = "name,age,city\nAnn,31,Berlin\nBob,25,New York\nCyd,,Berlin\nDee,40,Oslo\n"
local function output(params)
  params.input = params.input or people
  return Tool.csv_analyzer(params).output
end
return {
  up = output { operation = "sort", sort_by = "age", columns = { "name" } },
  down = output { operation = "sort", sort_by = "age", descending = true, columns = { "name" } },
  two = output { operation = "sort", sort_by = { "city", "-name" }, columns = { "name" } },
}
