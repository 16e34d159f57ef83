-- Rows as objects, each value of its column's type.
local people = "name,age,city\nAnn,31,Berlin\nBob,25,New York\nCyd,,Berlin\nDee,40,Oslo\n"
local function output(params)
  params.input = params.input or people
  return Tool.csv_analyzer(params).output
end
return {
  typed = output { operation = "parse", input = "n,f,b,d,code\n1,1.5,true,2026-01-31,007\n" },
  read = output { operation = "read", columns = { "age" }, filter = "age > 30" },
  nulls = output { operation = "to_json", input = "a|b\nNA|1\n", null_values = { "NA", "-" } },
  headless = output { operation = "parse", input = "1;2\n", headers = false },
}
