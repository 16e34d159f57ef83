-- The next times of a cron pattern.
local r = Tool.date_time_handler {
  operation = "cron_next", input = "30 8 * * 1-5", start = "2024-05-17T09:00:00Z", count = 3,
}
return { output = r.output, dates = r.dates }
