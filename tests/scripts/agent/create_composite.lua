-- A composite is an agent made of others; without a strategy each delegate gets what the one before it said.
local raised = require("lib.raised")
local team = require("lib.team")
local line = Agent.create_composite("line", { "poet", "loud" })
local nested = Agent.create_composite("nested", { "line", "cook" })
local answer = nested:execute("hi")
local said = nested:get_conversation()
return {
  line = team.ask(line, "hi"),
  nested = { answer.text, answer.metadata.delegates },
  usage_is_summed = answer.usage.total_tokens > 0,
  said = { #said, said[1].content, said[2].content },
  agent = { line.name, Agent.get("line") == line, line:get_config().agent_type },
  taken = raised(Agent.create_composite, "line", { "poet" }),
  delegate = raised(Agent.create_composite, "z", { "pot" }),
  strategy = raised(Agent.create_composite, "z", { "poet" }, { routing_strategy = "serial" }),
  nobody = raised(Agent.create_composite, "z", {}),
}
