-- Values that no number says are texts.
local r = Tool.calculator { input = "1.0 / 0.0" }
return {
  output = r.output,
  type = r.data.result_type,
  negative = Tool.calculator({ input = "-inf" }).output,
  nan = Tool.calculator({ input = "nan" }).output,
}
