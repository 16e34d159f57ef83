-- Merges documents: member by member, at the top only, or lists one after the other.
local function merged(strategy)
  return Tool.json_processor({
    operation = "merge", input = { a = { x = 1 }, l = { 1 } }, with = { a = { y = 2 }, l = { 2 } }, strategy = strategy,
  }).output
end
return {
  usual = merged(nil),
  shallow = merged("shallow"),
  concat = merged("concat"),
  list = Tool.json_processor({ operation = "merge", input = { { a = 1 }, { b = 2 }, { a = 3 } } }).output,
}
