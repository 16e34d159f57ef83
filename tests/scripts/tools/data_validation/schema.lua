-- A JSON Schema, as an object or as text.
local schema = {
  type = "object",
  properties = { name = { type = "string", minLength = 1 }, age = { type = "integer", minimum = 0 } },
  required = { "name" },
}
local good = Tool.data_validation { input = { name = "Ann", age = 41 }, schema = schema }
local bad = Tool.data_validation { input = { age = -1 }, schema = schema }
local text = Tool.data_validation { input = 5, schema = '{"type": "string"}' }
local fields = {}
for i, e in ipairs(bad.errors) do fields[i] = { e.field, e.rule } end
table.sort(fields, function(a, b) return a[1] < b[1] end)
return { good = good.output, bad = bad.output, fields = fields, text = text.output }
