-- The rate limit of a provider holds for all agents together.
local raised = require("lib.raised")
local first = Agent.create { model = "slow/echo" }
local second = Agent.create { model = "slow/echo", timeout_ms = 1000 }
return { first = first:execute("a").text, second = raised(second.execute, "b").kind }
