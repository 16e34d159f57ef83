-- The tools that every run has.
local names = {}
for _, name in ipairs { "base64_encoder", "calculator", "data_validation", "date_time_handler", "diff_calculator",
  "hash_calculator", "json_processor", "template_engine", "text_manipulator", "uuid_generator" } do
  local tool = Tool.get(name)
  names[name] = { category = tool.category, version = tool.version, security_level = tool.schema.security_level }
end
return names
