-- Writes JSON text: compact, laid out, sorted.
local input = '{"b": 1, "a": [true, null]}'
local function written(params)
  params.input = input
  return Tool.json_processor(params).output
end
return {
  compact = written { operation = "stringify" },
  pretty = written { operation = "pretty" },
  format = written { operation = "format", indent = 1 },
  minify = written { operation = "minify" },
  sorted = written { operation = "stringify", sort_keys = true },
  raw = Tool.json_processor({ input = { "x", "y" }, query = ".[]", raw = true }).output,
}
