-- Results before and after an agent, and after one that failed.
local agent = Agent.create { name = "ann", model = "mock/echo" }
local spare = Agent.create { name = "bob", model = "mock/x", settings = { responses = { "I am bob", "I am bob" } } }
local poor = Agent.create { name = "cid", model = "openai/gpt-4o" }
local function with(point, who, answer)
  local h = Hook.register(point, function(ctx) if ctx.agent_name == who.name then return type(answer) == "function" and answer(ctx) or answer end end)
  local ok, r = pcall(who.execute, who, "hello")
  h:unregister()
  if not ok then return { kind = r.kind, message = r.kind == "cancelled" and r.message or nil } end
  return { text = r.text, skipped = r.metadata.skipped, forks = r.metadata.forks and r.metadata.forks[1].result }
end
local before, after, failed = "BeforeAgentExecution", "AfterAgentExecution", "AgentError"
local plain = agent:execute("hello").text
return {
  prompt = with(before, agent, { type = "modified", data = { prompt = "HELLO" } }).text ~= plain,
  input = with(before, agent, { type = "modified", data = { input = { text = "HELLO" } } }).text ~= plain,
  before = {
    cancel = with(before, agent, "no"), skipped = with(before, agent, "skip"), replace = with(before, agent, { type = "replace", data = "canned" }),
    redirect = with(before, agent, { type = "redirect", target = "bob" }),
    fork = with(before, agent, { type = "fork", operations = { { operation_type = "agent:bob", parameters = { text = "x" } } } }).forks,
  },
  after = {
    modified = with(after, agent, function(ctx) return { type = "modified", data = { text = string.upper(ctx.data.text) } } end).text == plain:upper(),
    cancel = with(after, agent, "no"), replace = with(after, agent, { type = "replace", data = { text = "other" } }),
  },
  failed = {
    error = with(failed, poor, nil).kind ~= nil, replace = with(failed, poor, { type = "replace", data = "sorry" }),
    cancel = with(failed, poor, "enough"),
  },
}
