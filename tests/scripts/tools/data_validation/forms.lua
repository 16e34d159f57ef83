-- The forms in which rules may be written.
local function valid(input, rules) return Tool.data_validation({ input = input, rules = rules }).output end
return {
  text = valid(3, "range:1-5"),
  rule = valid("abc", { type = "length", min = 3 }),
  list = valid("abc", { "required", { type = "pattern", regex = "^[a-c]+$" } }),
  object_of_rules = valid({ n = 3 }, { n = "range:1-5" }),
  wrapped = valid("abc", { rules = { { type = "required" } } }),
  properties = valid({ n = "x" }, { type = "object", properties = { n = { type = "type", expected = "string" } } }),
}
