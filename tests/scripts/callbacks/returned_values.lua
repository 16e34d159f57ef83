-- What a tool's function may return: any data, nothing, or a whole result with `success`.
local function answer(name, value)
  local tool = Tool.define { name = name, description = name, execute = function() return value end }
  local r = tool {}
  return { success = r.success, data = r.data, output = r.output, error = r.error, error_kind = r.error_kind }
end
return {
  text = answer("text", "hello"),
  number = answer("number", 0.5),
  list = answer("list", { 1, 2 }),
  no = answer("no", false),
  nothing = answer("nothing", nil),
  result = answer("result", { success = true, data = { rows = 3 }, output = 3 }),
  failure = answer("failure", { success = false, error = "the well is dry", error_kind = "limit" }),
}
