-- Some of the columns, and rows that occur once.
local people = "name,age,city\nAnn,31,Berlin\nBob,25,New York\nCyd,,Berlin\nDee,40,Oslo\n"
local function output(params)
  params.input = params.input or people
  return Tool.csv_analyzer(params).output
end
return {
  select = output { operation = "select", columns = { "city", "name" }, filter = "age == 25" },
  dedupe = output { operation = "dedupe", input = "a,b\n1,2\n1,2\n1,3\n" },
  by_column = output { operation = "dedupe", columns = { "city" } },
}
