-- The present moment, in any time zone and format; phrases are relative to it.
local r = Tool.date_time_handler {}
local unix = Tool.date_time_handler { operation = "now", format = "unix" }
local today = Tool.date_time_handler { input = "today", format = "date" }
local tomorrow = Tool.date_time_handler { operation = "add", input = "today", amount = 1, unit = "day" }
return {
  operation = r.operation,
  form = r.output:match("^%d%d%d%d%-%d%d%-%d%dT%d%d:%d%d:%d%d") ~= nil,
  timezone = r.timezone,
  timestamp = math.type(r.timestamp),
  unix = math.type(unix.output),
  later = unix.output > 1700000000,
  phrases = Tool.date_time_handler({ input = "tomorrow" }).output == tomorrow.output,
  today = type(today.output),
}
