-- A value that the function returns is the last one.
local stream = Streaming.create(function()
  Streaming.yield("a")
  return "the end"
end)
return { stream:next(), stream:is_done(), stream:next(), stream:is_done(), stream:next() == nil }
