-- What a function raises while an op calls it reaches whoever called the op, with its kind if it has one.
local agent = Agent.create { name = "ann", model = "mock/any", settings = { responses = { "a", "b", "c" } } }
local function failure(value)
  local ok, raised = pcall(agent.invoke_stream, agent, "hello", function() error(value, 0) end)
  return { ok = ok, kind = raised.kind, message = raised.message }
end
return {
  text = failure("enough"),
  kind = failure { kind = "conflict", message = "someone was faster" },
  object = failure { message = "no kind" },
}
