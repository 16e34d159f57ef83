-- Nothing, truth values and texts pass through the runtime unchanged.
local scope = { type = "global" }
local function pass(value)
  Agent.set_shared_memory(scope, "value", value)
  return Agent.get_shared_memory(scope, "value")
end
return {
  nothing = pass(nil) == nil,
  yes = pass(true),
  no = pass(false),
  empty = pass(""),
  text = pass("naïve 漢字 🎉"),
  control = pass("tab\tline\nzero\0end"),
}
