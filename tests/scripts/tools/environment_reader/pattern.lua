-- Names by pattern and by regular expression, values masked.
local r = Tool.environment_reader { operation = "pattern", pattern = "pat?|NONE*" }
local regex = Tool.environment_reader { operation = "filter", filter = "^PATH$", regex = true, mask = true }
return { operation = r.operation, pattern = r.pattern, count = r.count, path = r.variables.PATH ~= nil,
  masked = regex.variables.PATH:find("…", 1, true) ~= nil }
