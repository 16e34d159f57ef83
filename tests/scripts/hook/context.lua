-- What a hook is told.
local told = {}
for _, point in ipairs { "ToolValidation", "BeforeToolExecution", "AfterToolExecution", "ToolError", "BeforeAgentExecution", "AfterAgentExecution" } do
  Hook.register(point, function(ctx) told[point] = told[point] or ctx end)
end
Tool.calculator { input = "1 + 1" }
Tool.calculator { input = "1 / 0" }
Agent.create({ name = "ann", model = "mock/echo" }):execute { text = "hi", variables = { a = 1 } }
local function keys(t)
  local names = {}
  for name in pairs(t) do names[#names + 1] = name end
  table.sort(names)
  return table.concat(names, " ")
end
local data = {}
for point, ctx in pairs(told) do data[point] = keys(ctx.data) end
local b, a, e, g = told.BeforeToolExecution, told.AfterToolExecution, told.ToolError, told.AfterAgentExecution
return {
  data = data, context = keys(b), operation = keys(b.operation), component = { b.component_id.type, b.component_id.name },
  copies = { b.tool_name, b.parameters.input, a.result ~= nil, e.error ~= nil, g.agent_name },
  same = b.correlation_id == a.correlation_id and a.correlation_id ~= e.correlation_id,
  values = { b.point, b.hook_point, b.attempt, b.replaying, b.data.caller, b.data.operation, a.data.output, a.data.success, e.data.error_kind },
  agent = { g.data.prompt, g.data.input.text, g.data.variables.a, g.data.text == g.data.output },
  validation = { told.ToolValidation.data.valid, #told.ToolValidation.data.errors, told.ToolValidation.data.schema.type },
}
