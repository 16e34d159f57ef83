-- Checks a document against a JSON Schema.
local schema = { type = "object", properties = { n = { type = "integer", minimum = 0 } }, required = { "n" } }
local good = Tool.json_processor { operation = "validate", input = { n = 1 }, schema = schema }
local bad = Tool.json_processor { operation = "validate", input = { n = -1 }, schema = schema }
local e = bad.errors[1]
return {
  good = good.data,
  bad = { bad.success, bad.is_valid, bad.valid },
  error = { e.path, e.schema_path, e.keyword, e.value, type(e.message) },
}
