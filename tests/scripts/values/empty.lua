-- An empty table is a map in JSON text unless it is made a list; an empty list that was read stays one.
local read = JSON.parse('{"list": [], "map": {}}')
local list = JSON.array {}
list[1] = "first"
table.remove(list)
return {
  plain = JSON.stringify {},
  list = JSON.stringify(JSON.array {}),
  read = JSON.stringify(read),
  emptied = JSON.stringify(list),
  -- Where a list is wanted, an empty table is one.
  accepted = Tool.json_processor { operation = "merge", input = {}, with = {} }.success,
}
