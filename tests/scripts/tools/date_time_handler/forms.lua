-- The many forms in which dates come.
local function read(input, more)
  local params = more or {}
  params.input = input
  return Tool.date_time_handler(params).output
end
return {
  seconds = read(1715783400),
  milliseconds = read(1715783400000),
  text_of_seconds = read("1715783400"),
  unit = read(1715783, { unit_of_input = "s" }),
  rfc2822 = read("Wed, 15 May 2024 14:30:00 +0000"),
  date = read("2024-05-15"),
  year_first = read("2024/05/15 14:30"),
  dots = read("15.05.2024"),
  month_name = read("May 15, 2024 3pm"),
  ordinal = read("2024-136"),
  week = read("2024-W20-3"),
  day_first = read("03/04/2024", { day_first = true }),
  month_first = read("03/04/2024"),
  own_format = read("20240515 1430", { input_format = "%Y%m%d %H%M" }),
  naive = read("2024-05-15 14:30", { timezone = "Europe/Zurich" }),
}
