-- Whether a variable is set.
return { yes = Tool.environment_reader({ operation = "exists", name = "PATH" }).output,
  no = Tool.environment_reader({ operation = "exists", name = "LLMSPELL_PUBLIC_NONE" }).exists }
