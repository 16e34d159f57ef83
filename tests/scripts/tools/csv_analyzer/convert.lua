-- The same table as text of every kind.
local people = "name,age,city\nAnn,31,Berlin\nBob,25,New York\nCyd,,Berlin\nDee,40,Oslo\n"
local function output(params)
  params.input = params.input or people
  return Tool.csv_analyzer(params).output
end
return {
  json = output { operation = "convert", input = "a,b\n1,x\n" },
  jsonl = output { operation = "export", input = "a,b\n1,x\n", format = "jsonl" },
  tsv = output { operation = "write", input = "a,b\n1,x\n", format = "tsv" },
  markdown = output { operation = "convert", input = "a,b\n1,x|y\n", format = "md" },
  html = output { operation = "convert", input = "a\n<b>\n", format = "html" },
}
