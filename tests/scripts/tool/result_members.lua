-- Members that the result does not have itself are those of its data.
local r = Tool.define { name = "report", description = "Reports", execute = function()
  return {
    success = true, operation = "report", output = 3, metadata = { message = "All counted" },
    data = { rows = 3, names = { "a", "b" }, error = "within the data", success = "within the data" },
  }
end } {}
return {
  rows = r.rows,
  name = r.names[2],
  success = r.success,
  no_error = r.error == nil,
  in_data = r.data.error,
  message = r.message,
  output_of_data = r.data.output,
  unknown = r.no_such_member == nil,
}
