-- Identifiers with a prefix.
local r = Tool.uuid_generator { operation = "component_id", prefix = "agent" }
local short = Tool.uuid_generator { operation = "component_id", short = true }
return {
  form = r.output:match("^agent_%x+%-%x+%-4") ~= nil,
  length = #r.output,
  same = r.id == r.uuid and r.id == r.output,
  data = { r.prefix, r.data.short },
  short = short.output:match("^component_%x%x%x%x%x%x%x%x$") ~= nil,
}
