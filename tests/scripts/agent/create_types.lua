-- A `basic` agent echoes, a `tool-orchestrator` has all tools and little randomness, `"*"` also means all tools.
local basic = Agent.create { name = "parrot", agent_type = "basic" }
local orchestrator = Agent.create { agent_type = "tool-orchestrator", model = "mock/tools" }
local all = Agent.create { model = "mock/tools", tools = "*" }
local bare = Agent.create { model = "mock/tools" }
return {
  basic = basic:execute("hi").text,
  types = { basic:get_config().agent_type, orchestrator:get_config().agent_type, bare:get_config().agent_type },
  temperature = orchestrator:get_config().temperature,
  orchestrator = #orchestrator:discover_tools() == #Tool.list(),
  all = #all:discover_tools() == #Tool.list(),
  bare = bare:discover_tools(),
}
