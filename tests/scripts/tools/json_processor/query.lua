-- jq, or a path that starts with `$`. One result is that value, several are a list.
local input = { items = { { name = "a", price = 5 }, { name = "b", price = 20 } }, total = 25 }
local function query(text) return Tool.json_processor({ input = input, query = text }).output end
local r = Tool.json_processor { input = '{"a": [1, 2, 3]}', query = ".a | add" }
return {
  result = { r.output, r.operation, r.metadata.result_count, r.metadata.parsed },
  one = query(".items[1].name"),
  several = query(".items[].price"),
  none = query(".items[] | select(.price > 100)"),
  object = query("{names: [.items[].name], total}"),
  path = query("$.items[0].name"),
  all = query("$.items[*].price"),
  deep = query("$..name"),
  path_then_jq = query("$.items | length"),
  comparison = query("$.total < 100"),
  identity = Tool.json_processor({ input = "[1,2]" }).output,
}
