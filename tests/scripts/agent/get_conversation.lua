-- What was said, oldest first; each result of a tool is a message of its own.
local agent = Agent.create { model = "mock/tools", tools = { "calculator" } }
agent:execute('calculator {"input": "6 * 7"}')
local said, timestamps = {}, 0
for index, message in ipairs(agent:get_conversation()) do
  if message.timestamp:match("^%d+%-%d+%-%d+T.*Z$") then
    timestamps = timestamps + 1
  end
  message.timestamp = nil
  said[index] = message
end
agent:clear_conversation()
return { said = said, timestamps = timestamps, cleared = #agent:get_conversation() }
