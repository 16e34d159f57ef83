-- Another model answers when the first one has failed for good.
local answer = Agent.create({ model = "first/any" }):execute("hello")
return { text = answer.text, model = answer.model }
