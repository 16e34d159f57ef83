-- Lists the formats that have names.
local r = Tool.date_time_handler { operation = "formats" }
return { formats = r.available_formats, examples = type(r.example_formats) }
