-- A stream hands out the chunks of an answer one by one, in a loop or by hand.
local agent = Agent.create { model = "mock/echo" }
local texts = {}
for chunk in agent:stream("one two three"):iter() do
  texts[#texts + 1] = chunk.type .. ": " .. chunk.text
end
local direct = {}
for chunk in agent:stream("a b") do
  direct[#direct + 1] = chunk.text
end
local stream = agent:stream("one two")
local before = stream:is_done()
local first = stream:next().text
local rest = {}
for index, chunk in ipairs(stream:collect()) do
  rest[index] = chunk.type
end
return {
  texts = texts, direct = direct, by_hand = { before, first, rest, stream:is_done(), stream:next() == nil },
  said = #agent:get_conversation(),
}
