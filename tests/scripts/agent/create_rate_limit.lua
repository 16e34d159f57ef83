-- An agent waits for its rate; it raises `rate_limited` where the wait would exceed its timeout.
local raised = require("lib.raised")
local agent = Agent.create {
  name = "slow", model = "mock/echo", timeout_ms = 1000,
  rate_limit = { requests_per_minute = 1 },
}
local first = agent:execute("a").text
local success, err = pcall(agent.execute, agent, "b")
return {
  first = first,
  second = { success, err.kind, err.message:match("^[^%d]+") },
  retry_after_ms = err.details.retry_after_ms > 1000,
  third = raised(agent.execute, "c").kind,
}
