-- Floats pass through unchanged; what JSON cannot say becomes nothing.
local scope = { type = "global" }
local function pass(value)
  Agent.set_shared_memory(scope, "value", value)
  return Agent.get_shared_memory(scope, "value")
end
-- Lua tells 3.0 from 3, and the runtime keeps it so.
assert(math.type(pass(3.0)) == "float" and math.type(pass(3)) == "integer")
return {
  half = pass(0.5),
  tenth = pass(0.1),
  negative = pass(-2.75),
  small = pass(0.00015),
  not_a_number = pass(0 / 0) == nil,
  infinity = pass(1 / 0) == nil and pass(-1 / 0) == nil,
  inside = JSON.stringify(pass { 1, 0 / 0, 2 }),
}
