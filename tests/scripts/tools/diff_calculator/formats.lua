-- The forms in which a difference of texts is shown.
local results = {}
for _, format in ipairs { "unified", "context", "inline", "simple", "side_by_side", "html" } do
  results[format] = Tool.diff_calculator({ old = "a\nb\n", new = "a\nc\n", format = format }).output
end
results.json = type(Tool.diff_calculator({ old = "a\n", new = "b\n", format = "json" }).output)
return results
