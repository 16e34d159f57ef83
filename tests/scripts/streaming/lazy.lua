-- The function runs only as far as its values are asked for; a stream may be endless.
local made = 0
local stream = Streaming.create(function()
  while true do
    made = made + 1
    Streaming.yield(made)
  end
end)
local untouched = made
stream:next()
stream:next()
local after_two = made
stream:close()
return { untouched = untouched, after_two = after_two, after_close = made }
