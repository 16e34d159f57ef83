// What a tool takes, and facts about the tool.
const schema = await Tool.getSchema("hash_calculator");
const { algorithm } = schema.parameters;
export default {
  name: schema.name,
  described: schema.description.length > 0,
  parameters: schema.parameters.map((parameter) => parameter.name),
  algorithm: [algorithm.name, algorithm.required, algorithm.description.length > 0],
  synonyms: Tool.hash_calculator.schema.parameters.input.synonyms,
  unnamed: schema.parameters.no_such_parameter === undefined,
  operations: schema.operations,
  category: schema.category,
  security_level: schema.security_level,
  effect: schema.effect,
  same: JSON.stringify(await Tool.hash_calculator.getSchema()) === JSON.stringify(schema)
    && JSON.stringify(Tool.hash_calculator.schema) === JSON.stringify(schema),
  unknown: (await Tool.getSchema("no_such_tool")) === null,
};
