-- A stream in a loop.
local function letters()
  return Streaming.create(function()
    for letter in ("abc"):gmatch(".") do
      Streaming.yield(letter)
    end
  end)
end
local seen = {}
for letter in letters():iter() do
  seen[#seen + 1] = letter
end
local stream = letters()
for _ in stream:iter() do
  break
end
return { seen = seen, left = stream:collect() }
