-- A template is a type with its usual values; parameters override them.
local raised = require("lib.raised")
local agent = Agent.create_from_template("boss", "tool-orchestrator", { model = "mock/tools" })
local calm = Agent.create_from_template("calm", "tool-orchestrator", { model = "mock/tools", temperature = 0 })
local bird = Agent.create_from_template("bird", "basic")
return {
  templates = Agent.list_templates(),
  name = agent.name,
  temperatures = { agent:get_config().temperature, calm:get_config().temperature },
  has_tools = agent:has_tool("calculator"),
  basic = bird:execute("hi").text,
  unknown = raised(Agent.create_from_template, "x", "lm"),
}
