-- The dates from one to another.
local r = Tool.date_time_handler {
  operation = "range", start = "2024-01-31", ["end"] = "2024-05-01", unit = "month", format = "date",
}
local steps = Tool.date_time_handler {
  operation = "range", start = "2024-01-01", ["end"] = "2024-01-10", unit = "days", amount = 4, format = "date",
}
return { dates = r.output, count = r.count, steps = steps.dates }
