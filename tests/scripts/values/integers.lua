-- Integers keep their 64 bits. JavaScript reads those beyond 2^53 as BigInt.
local scope = { type = "global" }
local function pass(value)
  Agent.set_shared_memory(scope, "value", value)
  return Agent.get_shared_memory(scope, "value")
end
local large = 9007199254740993
assert(math.type(pass(large)) == "integer")
return {
  small = pass(-42),
  safe = pass(9007199254740991),
  large = pass(large),
  largest = pass(math.maxinteger),
  smallest = pass(math.mininteger),
  equal = pass(large) == large,
}
