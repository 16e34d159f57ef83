// What a tool takes, and facts about the tool.
const schema = await Tool.getSchema("hash_calculator");
const by_name = Object.fromEntries(schema.parameters.map((parameter) => [parameter.name, parameter]));
const { algorithm } = by_name;
export default {
  name: schema.name,
  described: schema.description.length > 0,
  parameters: schema.parameters.map((parameter) => parameter.name),
  algorithm: [algorithm.name, algorithm.required, algorithm.description.length > 0],
  synonyms: by_name.input.synonyms,
  operations: schema.operations,
  category: schema.category,
  security_level: schema.security_level,
  effect: schema.effect,
  same: JSON.stringify(await Tool.hash_calculator.getSchema()) === JSON.stringify(schema)
    && JSON.stringify(Tool.hash_calculator.schema) === JSON.stringify(schema),
  unknown: (await Tool.getSchema("no_such_tool")) === null,
};
