-- JSON.array makes a table a list, also an empty one.
local list = JSON.array { "a", "b" }
return {
  empty = JSON.stringify(JSON.array {}),
  none = JSON.stringify(JSON.array()),
  filled = JSON.stringify(list),
  nested = JSON.stringify { rows = JSON.array {}, options = {} },
  read = JSON.stringify(JSON.parse("[[], {}]")),
}
