-- Identifiers put together from prefix, time, random part and suffix.
local plain = Tool.uuid_generator { operation = "custom", prefix = "job", suffix = "eu", short = true }
local timed = Tool.uuid_generator { operation = "custom", prefix = "job", short = true, timestamp = true }
return {
  plain = plain.output:match("^job_%x%x%x%x%x%x%x%x_eu$") ~= nil,
  timed = timed.output:match("^job_%d%d%d%d%d%d%d%d%d%d%d%d%d_%x%x%x%x%x%x%x%x$") ~= nil,
  timestamp = type(timed.data.timestamp),
  same = plain.id == plain.value,
}
