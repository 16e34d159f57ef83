-- A table whose first slot is set is a list; it ends before the first hole.
local scope = { type = "global" }
local function pass(value)
  Agent.set_shared_memory(scope, "value", value)
  return Agent.get_shared_memory(scope, "value")
end
assert(#pass { 1, 2, nil, 4 } == 2)
local nested = pass { 1, { "two", { true } }, 3 }
return {
  nested = nested,
  length = #nested,
  second = nested[2][1],
  with_nulls = JSON.stringify(pass { JSON.null, 1, JSON.null }),
  of_maps = pass { { id = 1 }, { id = 2 } },
}
