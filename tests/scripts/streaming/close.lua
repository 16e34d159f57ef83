-- Closing a stream ends its function; what it was waiting for is cancelled.
local log = {}
local stream = Streaming.create(function()
  local guard <close> = setmetatable({}, { __close = function() log[#log + 1] = "closed" end })
  Streaming.yield("a")
  log[#log + 1] = "never"
end)
local first = stream:next()
stream:close()
return { first = first, log = log, is_done = stream:is_done(), after = stream:next() == nil, rest = stream:collect() }
