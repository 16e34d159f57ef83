-- Every other table is a map. Keys that are numbers become decimal text, other keys are skipped.
local scope = { type = "global" }
local function pass(value)
  Agent.set_shared_memory(scope, "value", value)
  return Agent.get_shared_memory(scope, "value")
end
assert(JSON.stringify(pass { [true] = 1, [{}] = 2 }) == "{}")
return {
  nested = pass { a = { b = { c = "deep" } } },
  odd_names = pass { [""] = 0, ["two words"] = 1, ["ключ"] = 2 },
  numbers = pass { [7] = "seven", [2.5] = "two and a half" },
  absent = pass({ a = 1 }).b == nil,
}
