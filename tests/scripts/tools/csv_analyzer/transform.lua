-- Columns that are computed, renamed and left out.
local people = "name,age,city\nAnn,31,Berlin\nBob,25,New York\nCyd,,Berlin\nDee,40,Oslo\n"
local function output(params)
  params.input = params.input or people
  return Tool.csv_analyzer(params).output
end
return {
  computed = output { operation = "transform", add_columns = { months = "age * 12" }, drop_columns = { "city" } },
  renamed = output { operation = "transform", rename_columns = { name = "who" }, columns = { "who" } },
  quoted = output { operation = "transform", input = "unit price,count\n2.5,4\n", add_columns = { total = "`unit price` * count" } },
}
