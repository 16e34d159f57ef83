-- A run of level safe lowers what is granted to single tools as well.
local refused = Tool.environment_reader { variable_name = "PATH" }
return {
  refused = { refused.success, refused.error_kind, refused.metadata.details.setting },
  safe = Tool.calculator({ input = "1 + 1" }).output,
}
