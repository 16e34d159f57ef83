-- JSON.array makes a table a list, also an empty one.
local list = JSON.array { "a", "b" }
return {
  empty = JSON.stringify(JSON.array {}),
  none = JSON.stringify(JSON.array()),
  filled = JSON.stringify(list),
  nested = JSON.stringify { options = {}, rows = JSON.array {} },
  read = JSON.stringify(JSON.parse("[[], {}]")),
}
