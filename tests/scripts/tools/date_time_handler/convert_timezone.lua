-- The same moment in another time zone, with its true offset.
local r = Tool.date_time_handler {
  operation = "convert_timezone", input = "2024-01-15T12:00:00Z", target_timezone = "America/New_York",
}
local function converted(input, zone)
  return Tool.date_time_handler({ operation = "convert", input = input, target_timezone = zone }).output
end
return {
  data = r.data,
  output = r.output,
  summer = converted("2024-07-15T12:00:00Z", "America/New_York"),
  offset = converted("2024-07-15T12:00:00Z", "+05:30"),
}
