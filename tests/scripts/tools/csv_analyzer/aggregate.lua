-- What groups of rows come to.
local people = "name,age,city\nAnn,31,Berlin\nBob,25,New York\nCyd,,Berlin\nDee,40,Oslo\n"
local function output(params)
  params.input = params.input or people
  return Tool.csv_analyzer(params).output
end
return {
  groups = output { operation = "aggregate", group_by = "city", aggregations = { people = "count()" } },
  all = output { operation = "group_by", aggregations = { total = "sum(age)" } },
  first = output { operation = "aggregate", group_by = { "city" }, aggregations = { who = "first(name)" }, filter = "city == Berlin" },
}
