-- Writes a date in a named format or with strftime directives.
local input = "2024-05-15T14:30:05Z"
local function written(format)
  return Tool.date_time_handler({ operation = "format", input = input, format = format }).output
end
local results = { directives = written("%d.%m.%y %H:%M, %A"), capitals = written("RFC3339") }
for _, name in ipairs { "iso8601", "rfc3339", "rfc2822", "unix", "unix_ms", "date", "time", "http", "human" } do
  results[name] = written(name)
end
return results
