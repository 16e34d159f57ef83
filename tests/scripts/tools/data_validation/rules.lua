-- Rules for the members of an object; what does not fit is listed, and is no failure.
local r = Tool.data_validation {
  input = { name = "Al", email = "nobody", age = 200, tags = { "a", "a" } },
  rules = {
    name = { "required", { type = "length", min = 3, max = 65 } },
    email = "email",
    age = "range:0-150",
    tags = { type = "array", unique = true },
    city = "required",
  },
}
local found = {}
for i, e in ipairs(r.errors) do found[i] = { e.field, e.rule, e.message, e.path } end
table.sort(found, function(a, b) return a[1] < b[1] end)
return { success = r.success, output = r.output, valid = r.valid, count = r.error_count, found = found }
