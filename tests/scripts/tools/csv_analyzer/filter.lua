-- Rows that fit a condition.
local people = "name,age,city\nAnn,31,Berlin\nBob,25,New York\nCyd,,Berlin\nDee,40,Oslo\n"
local function output(params)
  params.input = params.input or people
  return Tool.csv_analyzer(params).output
end
return {
  numbers = output { operation = "filter", filter = "age > 30" },
  words = output { operation = "where", filter = "city == New York" },
  both = output { operation = "query", filter = "age > 30 and (city == \"Oslo\" or name ~ \"^B\")" },
  listed = output { operation = "filter", filter = "name in (Ann, Cyd)", as = "rows" },
}
