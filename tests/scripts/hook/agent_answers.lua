-- Every result before an agent, after it, and after one that failed.
local agent = Agent.create { name = "ann", model = "mock/echo" }
local poor = Agent.create { name = "cid", model = "openai/gpt-4o" }
Agent.create { name = "bob", model = "mock/x", settings = { responses = { "I am bob", "I am bob", "I am bob" } } }
local function with(point, who, answer)
  local tries = 0
  local h = Hook.register(point, function(ctx)
    if ctx.agent_name ~= who.name then return end
    tries = tries + 1
    return answer
  end)
  local ok, r = pcall(who.execute, who, "hello")
  h:unregister()
  if not ok then return { kind = r.kind, message = r.kind == "cancelled" and r.message or nil, tries = tries } end
  return { text = r.text, skipped = r.metadata.skipped, tries = tries }
end
local function all(point, who)
  return {
    continue = with(point, who, "continue"), cancel = with(point, who, "no"), skipped = with(point, who, "skip"),
    redirect = with(point, who, { type = "redirect", target = "bob" }),
    replace = with(point, who, { type = "replace", data = "instead" }),
    retry = with(point, who, { type = "retry", delay_ms = 1, max_attempts = 2 }),
    fallback = with(point, who, { type = "retry", delay_ms = 1, max_attempts = 2, fallback_data = "saved" }),
    fork = with(point, who, { type = "fork", operations = { { operation_type = "tool:calculator", parameters = { input = "1" } } } }),
    cache = with(point, who, { type = "cache", key = "k", result = "kept" }),
  }
end
return { before = all("BeforeAgentExecution", agent), after = all("AfterAgentExecution", agent), failed = all("AgentError", poor) }
