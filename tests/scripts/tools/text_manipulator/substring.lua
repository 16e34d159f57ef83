-- Part of a text, counted in characters from 0, the end not included; negative counts from the end.
local function part(params)
  params.input = "naïve 🎉!"
  params.operation = params.operation or "substring"
  return Tool.text_manipulator(params).output
end
return {
  first = part { start = 0, ["end"] = 3 },
  rest = part { start = 6 },
  last = part { start = -2 },
  without_last = part { start = 0, ["end"] = -1 },
  slice = part { operation = "slice", start = 2, length = 3 },
  beyond = part { start = 50 },
}
