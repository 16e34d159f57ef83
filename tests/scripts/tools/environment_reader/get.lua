-- One variable, several, and one that is not set.
local one = Tool.environment_reader { variable_name = "PATH" }
local several = Tool.environment_reader { operation = "get", variables = { "PATH", "LLMSPELL_PUBLIC_NONE", "API_KEY" } }
local none = Tool.environment_reader { name = "LLMSPELL_PUBLIC_NONE", default = "x" }
return { operation = one.operation, found = one.found, same = one.output == one.value, kind = type(one.value),
  missing = several.missing, denied = several.denied, default = none.output, none = none.found }
