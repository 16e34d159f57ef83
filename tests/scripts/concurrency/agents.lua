-- Several agents answer at the same time.
local tasks = {}
for i, name in ipairs { "ann", "bob", "eve" } do
  local agent = Agent.create { name = name, model = "mock/any", settings = { responses = { "answer " .. i } } }
  tasks[i] = function() return agent.name .. ": " .. agent:execute("question").text end
end
return Async.all(tasks)
