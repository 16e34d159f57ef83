-- What a tool takes, and facts about the tool.
local schema = Tool.get_schema("hash_calculator")
local names = {}
for i, parameter in ipairs(schema.parameters) do
  names[i] = parameter.name
end
local algorithm = schema.parameters.algorithm
return {
  name = schema.name,
  described = #schema.description > 0,
  parameters = names,
  algorithm = { algorithm.name, algorithm.required, #algorithm.description > 0 },
  synonyms = Tool.hash_calculator.schema.parameters.input.synonyms,
  unnamed = schema.parameters.no_such_parameter == nil,
  operations = schema.operations,
  category = schema.category,
  security_level = schema.security_level,
  effect = schema.effect,
  same = JSON.stringify(Tool.hash_calculator:get_schema()) == JSON.stringify(schema)
    and JSON.stringify(Tool.hash_calculator.schema) == JSON.stringify(schema),
  unknown = Tool.get_schema("no_such_tool") == nil,
}
