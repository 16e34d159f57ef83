-- Reads a date; parsing is what is done with an input unless an operation is named.
local r = Tool.date_time_handler { input = "2024-05-15T14:30:00+02:00" }
local same = Tool.date_time_handler { operation = "parse", input = "2024-05-15T14:30:00+02:00" }
return { same = same.output == r.output, output = r.output, data = r.data, operation = r.operation }
