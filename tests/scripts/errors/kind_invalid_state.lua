-- invalid_state: the call is not possible now.
local agent = Agent.create { name = "ann", model = "mock/echo" }
local _, resumed = pcall(agent.resume, agent)
agent:destroy()
local _, gone = pcall(agent.execute, agent, "hello?")
return {
  resumed = { resumed.kind, resumed.message, resumed.op },
  gone = { gone.kind, gone.message, gone.op },
}
