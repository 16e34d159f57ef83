-- The tools that an agent may call, and what they are.
local agent = Agent.create { model = "mock/echo", tools = { "calculator", "hash-calculator" } }
local all = agent:get_all_tool_metadata()
local about = agent:get_tool_metadata("calculator")
return {
  tools = agent:discover_tools(),
  has = { agent:has_tool("calculator"), agent:has_tool("hash_calculator"), agent:has_tool("uuid_generator") },
  about = { name = about.name, description = type(about.description), version = about.version:match("^%d+%.%d+%.%d+$") ~= nil },
  same = all.calculator.description == about.description,
  other = all.hash_calculator.name,
  foreign = agent:get_tool_metadata("uuid_generator") == nil,
}
