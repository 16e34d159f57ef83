-- The parameters may be a JSON Schema instead of a list.
Tool.define {
  name = "greet",
  description = "Greets somebody",
  parameters = {
    type = "object",
    properties = { name = { type = "string", minLength = 2 }, loud = { type = "boolean", default = false } },
    required = { "name" },
  },
  execute = function(p) return (p.loud and "HELLO " or "hello ") .. p.name end,
}
local short = Tool.greet { name = "x" }
local _, missing = pcall(Tool.greet, {})
return {
  plain = Tool.greet({ name = "Ann" }).output,
  loud = Tool.greet({ name = "Ann", loud = "true" }).output,
  short = { short.success, short.error_kind },
  missing = { missing.kind, missing.message },
}
