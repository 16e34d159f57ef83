-- A missing key is no error before the provider is first used; the error names the variable.
local raised = require("lib.raised")
local agent = Agent.create { model = "anthropic/claude-x" }
return {
  has_key = Provider.get("anthropic").has_key,
  execute = raised(agent.execute, "hi"),
}
