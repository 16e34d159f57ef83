// jq, or a path that starts with `$`. One result is that value, several are a list.
const input = { items: [{ name: "a", price: 5 }, { name: "b", price: 20 }], total: 25 };
const query = async (text) => (await Tool.json_processor({ input, query: text })).output;
const r = await Tool.json_processor({ input: '{"a": [1, 2, 3]}', query: ".a | add" });
export default {
  result: [r.output, r.operation, r.metadata.result_count, r.metadata.parsed],
  one: await query(".items[1].name"),
  several: await query(".items[].price"),
  none: await query(".items[] | select(.price > 100)"),
  object: await query("{names: [.items[].name], total}"),
  path: await query("$.items[0].name"),
  all: await query("$.items[*].price"),
  deep: await query("$..name"),
  path_then_jq: await query("$.items | length"),
  comparison: await query("$.total < 100"),
  identity: (await Tool.json_processor({ input: "[1,2]" })).output,
};
