-- A Date of JavaScript arrives as RFC 3339 text in UTC; Lua writes the text itself.
local added = Tool.date_time_handler { operation = "add", input = "2026-01-31T12:00:00.000Z", amount = 1, unit = "day" }
return { added = added.output }
