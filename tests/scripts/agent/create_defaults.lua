-- Every field is optional. Without a model and without any key, the offline model with tools answers.
local agent = Agent.create {}
local config = agent:get_config()
return {
  name = agent.name:match("^agent_%x%x%x%x%x%x%x%x$") ~= nil,
  description = agent.description,
  model = agent.model,
  prompt = config.system_prompt == "You are " .. agent.name .. ": LLM-powered agent.",
  agent_type = config.agent_type,
  max_conversation_length = config.max_conversation_length,
  timeout_ms = config.timeout_ms,
  resource_limits = config.resource_limits,
}
