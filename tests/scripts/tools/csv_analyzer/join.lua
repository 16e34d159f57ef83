-- Two tables side by side.
local people = "name,age,city\nAnn,31,Berlin\nBob,25,New York\nCyd,,Berlin\nDee,40,Oslo\n"
local function output(params)
  params.input = params.input or people
  return Tool.csv_analyzer(params).output
end
return {
  inner = output { operation = "join", with = "city,land\nBerlin,DE\nOslo,NO\nRome,IT\n", on = "city", columns = { "name", "land" } },
  left = output { operation = "join", with = "city,land\nBerlin,DE\nOslo,NO\nRome,IT\n", on = "city", how = "left", columns = { "name", "land" } },
  outer = output { operation = "join", with = "city,land\nBerlin,DE\nOslo,NO\nRome,IT\n", on = "city", how = "outer", columns = { "name", "city", "land" } },
  renamed = output { operation = "join", with = "town,land\nOslo,NO\n", on = { city = "town" }, columns = { "name", "land" } },
}
