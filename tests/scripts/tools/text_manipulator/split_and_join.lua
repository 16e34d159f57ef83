-- A text becomes a list, a list a text.
local function split(params)
  params.operation = "split"
  return Tool.text_manipulator(params).output
end
local function join(input, delimiter)
  return Tool.text_manipulator({ operation = "join", input = input, delimiter = delimiter }).output
end
return {
  words = split { input = "one two three" },
  commas = split { input = "a,b,c", delimiter = "," },
  limit = split { input = "a,b,c", delimiter = ",", limit = 2 },
  expression = split { input = "a1b22c", delimiter = "\\d+", regex = true },
  joined = join({ "a", "b", 3 }, "-"),
  blank = join({ "a", "b" }),
  json = join('["x", "y"]', "+"),
}
