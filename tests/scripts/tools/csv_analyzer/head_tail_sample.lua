-- Some of the rows.
local people = "name,age,city\nAnn,31,Berlin\nBob,25,New York\nCyd,,Berlin\nDee,40,Oslo\n"
local function output(params)
  params.input = params.input or people
  return Tool.csv_analyzer(params).output
end
return {
  head = output { operation = "head", size = 1 },
  tail = output { operation = "tail", size = 1 },
  sample = output { operation = "sample", size = 9 },
}
