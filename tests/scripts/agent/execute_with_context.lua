-- The data of a context is told to the model before the prompt.
local raised = require("lib.raised")
local agent = Agent.create { model = "mock/echo" }
local parent = Agent.create_context { data = { lang = "en" } }
local child = Agent.create_child_context(parent, { type = "global" }, "inherit")
Agent.update_context(child, "mood", { calm = true })
return {
  text = agent:execute_with_context("hi", child).text,
  table = agent:execute_with_context({ prompt = "hi", count = 2 }, parent).text,
  unknown = raised(agent.execute_with_context, "hi", "nobody"),
}
