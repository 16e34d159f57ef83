-- Closing a stream ends the execution behind it and frees the agent.
local agent = Agent.create { model = "mock/echo" }
local stream = agent:stream(("word "):rep(2000))
local first = stream:next().text
stream:close()
local free = agent:execute("free").text
return { first = first, after = stream:next() == nil, is_done = stream:is_done(), free = free }
