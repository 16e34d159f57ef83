-- Rules on an agent's numbers; each raises at most one alert in its window.
local raised = require("lib.raised")
local agent = Agent.create { model = "mock/echo" }
agent:configure_alerts { metric = "requests_total", above = 0 }
agent:execute("a")
agent:execute("b")
local alerts = agent:get_alerts()
local first = alerts[1]
agent:configure_alerts { { metric = "success_rate", below = 2, severity = "critical", window_s = 0 } }
agent:execute("c")
agent:execute("d")
return {
  count = #alerts,
  first = { metric = first.metric, severity = first.severity, value = first.value, message = first.message, timestamp = type(first.timestamp) },
  then_count = #agent:get_alerts(),
  last = agent:get_alerts()[3].severity,
  unknown = raised(agent.configure_alerts, { metric = "error_rat", above = 1 }),
  no_bound = raised(agent.configure_alerts, { metric = "error_rate" }),
  no_rule = raised(agent.configure_alerts, 5),
}
