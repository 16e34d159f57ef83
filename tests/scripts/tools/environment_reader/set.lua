-- What is set is seen by the run alone.
local first = Tool.environment_reader { operation = "set", variable_name = "LLMSPELL_PUBLIC_OWN", value = "one" }
local again = Tool.environment_reader { operation = "set", variable_name = "LLMSPELL_PUBLIC_OWN", value = "two" }
local other = Tool.environment_reader { operation = "set", variable_name = "PATH", value = "/" }
return { output = first.output, first = first.previous, again = again.previous,
  now = Tool.environment_reader({ name = "LLMSPELL_PUBLIC_OWN" }).output, other = other.error_kind }
