-- A tool of the script's own: its function gets the parameters as one table, and what it returns is the data.
local seen
local double = Tool.define {
  name = "double",
  description = "Doubles n",
  parameters = { { name = "n", type = "number", required = true } },
  execute = function(params, ...)
    seen = { n = params.n, more = select("#", ...) }
    return { twice = params.n * 2 }
  end,
}
local answer = double { n = 21 }
return { seen = seen, data = answer.data, twice = answer.twice, success = answer.success }
