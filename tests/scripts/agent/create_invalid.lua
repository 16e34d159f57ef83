-- What is wrong with a configuration is named.
local raised = require("lib.raised")
local function refused(cfg)
  cfg.model = cfg.model or "mock/echo"
  return raised(Agent.create, cfg)
end
return {
  provider = refused { model = "nobody/x" },
  provider_field = refused { provider = "nobody", model = "x" },
  empty_model = refused { model = "" },
  tool = refused { tools = { "calculater" } },
  no_tool = refused { tools = { 5 } },
  temperature = refused { temperature = 3 },
  agent_type = refused { agent_type = "lmm" },
  schema = refused { schema = { type = "nonsense" } },
  timeout = refused { timeout_ms = 0 },
  blank_name = refused { name = " " },
  name_type = refused { name = { "a" } },
  history = refused { max_conversation_length = 0 },
  turns = refused { resource_limits = { max_turns = 0 } },
  depth = refused { resource_limits = { max_recursion_depth = 0 } },
  cost = refused { resource_limits = { max_cost_usd = -1 } },
}
