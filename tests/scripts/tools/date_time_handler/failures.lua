-- Text that is no date is a failure of kind parse; missing parameters raise.
local function failure(params)
  local ok, r = pcall(Tool.date_time_handler, params)
  return ok and { r.success, r.error_kind } or { "raised", r.kind, r.message }
end
return {
  text = failure { input = "the day after never" },
  impossible = failure { input = "2024-02-30" },
  zone = failure { input = "2024-05-15 10:00", timezone = "Mars/Olympus" },
  directive = failure { operation = "format", input = "2024-05-15", format = "%K" },
  unit = failure { operation = "add", input = "2024-05-15", amount = 1, unit = "fortnights" },
  cron = failure { operation = "cron_next", input = "99 * * * *" },
  amount = failure { operation = "add", input = "2024-05-15", unit = "days" },
  target = failure { operation = "convert_timezone", input = "2024-05-15" },
  type = failure { operation = "add", input = "2024-05-15", amount = "some", unit = "days" },
}
