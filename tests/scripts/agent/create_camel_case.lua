-- Functions and option keys have two spellings; results have one.
local agent = Agent.create {
  model = "mock/echo",
  systemPrompt = "one two three",
  maxConversationLength = 7,
  resourceLimits = { maxTurns = 2 },
}
local config = agent:getConfig()
return {
  same = agent.getConfig == agent.get_config or agent:get_config().name == config.name,
  static = #Agent.listInstances() == #Agent.list_instances(),
  system_prompt = config.system_prompt,
  max_conversation_length = config.max_conversation_length,
  max_turns = config.resource_limits.max_turns,
}
