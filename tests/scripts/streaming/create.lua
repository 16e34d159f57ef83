-- A stream over a function that hands out values one by one.
local stream = Streaming.create(function()
  for i = 1, 3 do
    Streaming.yield(i * i)
  end
end)
local before = stream:is_done()
local first = stream:next()
local rest = stream:collect()
return {
  before = before,
  first = first,
  rest = rest,
  after = { stream:is_done(), stream:next() == nil },
  empty = Streaming.create(function() end):collect(),
}
