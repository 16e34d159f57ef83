-- How far two dates are apart, in all units or in one.
local r = Tool.date_time_handler { operation = "difference", start = "2024-01-01", ["end"] = "2024-03-01T12:00:00Z" }
local days = Tool.date_time_handler { operation = "diff", from = "2024-03-01", to = "2024-01-01", unit = "days" }
return { data = r.data, output = r.output, days = days.output }
