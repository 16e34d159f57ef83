-- An agent may be told to call any tool; the call counts in its metrics.
local raised = require("lib.raised")
local agent = Agent.create { model = "mock/echo" }
local result = agent:invoke_tool("calculator", { input = "6 * 7" })
local failed = agent:invoke_tool("calculator", { input = "6 *" })
return {
  result = { result.success, result.output, tostring(result) },
  failed = { failed.success, failed.output == nil, failed.error_kind },
  invocations = agent:get_metrics().tool_invocations,
  unknown = raised(agent.invoke_tool, "calculater", {}),
  bad_parameter = raised(agent.invoke_tool, "calculator", { imput = "1" }),
}
