-- Without a model, the configured default answers.
local agent = Agent.create { name = "helper" }
return { model = agent.model, text = agent:execute("hi").text }
