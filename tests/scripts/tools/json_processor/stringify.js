// Writes JSON text: compact, laid out, sorted.
const input = '{"b": 1, "a": [true, null]}';
const written = async (params) => (await Tool.json_processor({ ...params, input })).output;
export default {
  compact: await written({ operation: "stringify" }),
  pretty: await written({ operation: "pretty" }),
  format: await written({ operation: "format", indent: 1 }),
  minify: await written({ operation: "minify" }),
  sorted: await written({ operation: "stringify", sort_keys: true }),
  raw: (await Tool.json_processor({ input: ["x", "y"], query: ".[]", raw: true })).output,
};
