-- What a type of agents needs and takes.
local raised = require("lib.raised")
return { llm = Agent.get_info("llm"), basic = Agent.get_info("basic"), unknown = raised(Agent.get_info, "robot") }
