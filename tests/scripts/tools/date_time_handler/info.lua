-- What is to be known about a date.
local r = Tool.date_time_handler { operation = "info", input = "2024-02-29T08:05:00Z" }
return { info = r.info, output = r.output }
