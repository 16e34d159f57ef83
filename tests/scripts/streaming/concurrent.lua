-- Streams may be read at the same time.
local agent = Agent.create { model = "mock/echo" }
local function stream(name)
  return Streaming.create(function()
    for i = 1, 2 do
      Streaming.yield(agent:execute(name .. i).text)
    end
  end)
end
return Async.all {
  function() return stream("a"):collect() end,
  function() return stream("b"):collect() end,
}
