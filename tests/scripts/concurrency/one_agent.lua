-- One agent answers one question after the other, in the order of the calls.
local agent = Agent.create { name = "ann", model = "mock/any", settings = { responses = { "one", "two", "three" } } }
local tasks = {}
for i = 1, 3 do tasks[i] = function() return agent:execute("question " .. i).text end end
local texts = Async.all(tasks)
local asked = {}
for _, message in ipairs(agent:get_conversation()) do
  if message.role == "user" then asked[#asked + 1] = message.content end
end
return { texts = texts, asked = asked }
