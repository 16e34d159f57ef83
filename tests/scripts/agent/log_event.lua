-- A record in the log with the agent's name.
local agent = Agent.create { model = "mock/echo" }
return { nothing = agent:log_event("started", "The work begins") == nil }
