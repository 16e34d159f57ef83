-- Where state is switched off, what an agent saves stays in the memory of the run.
local agent = Agent.create { name = "ann", model = "mock/echo" }
agent:execute("hello")
agent:save_state()
agent:clear_conversation()
local found = agent:load_state()
local messages = #agent:get_conversation()
agent:delete_state()
return { found = found, messages = messages, left = agent:load_state() }
