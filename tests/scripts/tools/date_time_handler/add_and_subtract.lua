-- Shifts a date; the ends of months are kept within them.
local r = Tool.date_time_handler { operation = "add", input = "2026-01-31", amount = 1, unit = "month" }
local function shifted(operation, input, amount, unit)
  return Tool.date_time_handler({ operation = operation, input = input, amount = amount, unit = unit }).output
end
return {
  data = r.data,
  output = r.output,
  leap = shifted("add", "2024-02-28", 1, "day"),
  back = shifted("subtract", "2024-03-31", 1, "months"),
  negative = shifted("add", "2024-05-15", -2, "weeks"),
  hours = shifted("add", "2024-05-15T23:30:00Z", 1.5, "h"),
  quarter = shifted("add", "2024-11-30", 1, "quarter"),
  business_days = shifted("add", "2024-05-17", 1, "business_days"),
}
