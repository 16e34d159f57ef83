-- What is wrong with an input is named.
local raised = require("lib.raised")
local agent = Agent.create { model = "mock/echo" }
return {
  empty = raised(agent.execute, ""),
  blank = raised(agent.execute, { text = " " }),
  number = raised(agent.execute, 5),
  text = raised(agent.execute, { text = { 1 } }),
  temperature = raised(agent.execute, { text = "hi", temperature = 3 }),
  modality = raised(agent.execute, { text = "hi", output_modalities = { "smell" } }),
  on_error = raised(agent.execute, { text = "hi", on_error = 5 }),
  tool = raised(agent.execute, { text = "hi", tools = { "calculater" } }),
  model = raised(agent.execute, { text = "hi", model = "nobody/x" }),
  schema = raised(agent.execute, { text = "hi", schema = { type = "nonsense" } }),
}
