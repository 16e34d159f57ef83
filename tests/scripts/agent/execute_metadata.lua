-- The mock model counts words as tokens and costs nothing.
local agent = Agent.create { name = "helper", model = "mock/echo", system_prompt = "Be brief." }
local answer = agent:execute("one two three")
local usage, metadata = answer.usage, answer.metadata
return {
  usage = usage,
  synonyms = { usage.prompt_tokens == usage.input_tokens, usage.completion_tokens == usage.output_tokens },
  id = metadata.agent_id == agent.id,
  name = metadata.agent_name,
  provider = metadata.provider,
  model = metadata.model,
  token_count = metadata.token_count,
  is_timed = metadata.execution_time_ms >= 0,
}
