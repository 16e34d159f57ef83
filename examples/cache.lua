-- Makes the second answer to the same question free.
--
--   llmspell run examples/cache.lua

local agent = Agent.create { name = "oracle", model = "mock/echo" }

Hook.enable_builtin("CachingOptimizer", { cache_agents = true, min_execution_time_ms = 0, default_ttl = 3600 })

for _ = 1, 2 do
  local answer = agent:execute("What is the capital of France?")
  print(answer.text, "tokens: " .. (answer.usage.total_tokens or 0), "from the cache: " .. tostring(answer.metadata.cache_hit == true))
end
