-- Variables in a text, with defaults.
local r = Tool.environment_reader { operation = "expand", input = "<$LLMSPELL_PUBLIC_A|${LLMSPELL_PUBLIC_B:-b}|$5>" }
return { value = r.value, output = r.output, missing = r.missing }
