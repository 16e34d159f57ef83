-- Several services; what is wrong with one keeps the others from nothing.
local r = Tool.service_checker { operation = "check_batch", services = {
  { name = "shut", host = "127.0.0.1", port = 1 },
  { name = "private", target = "10.0.0.1:80" },
  { name = "name", target = "localhost" },
} }
local seen = {}
for index, result in ipairs(r.results) do seen[index] = { result.name, result.available, result.error_kind or "" } end
return { available_count = r.available_count, total = r.total, seen = seen }
