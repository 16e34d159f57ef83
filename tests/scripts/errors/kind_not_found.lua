-- not_found: no agent, tool, provider or template of that name. The error names it and what there is.
local function failure(call, ...)
  local _, raised = pcall(call, ...)
  return { kind = raised.kind, message = raised.message:match("^[^;]+"), op = raised.op }
end
return {
  tool = failure(Tool.invoke, "no_such_tool"),
  agent = failure(Agent.get_details, "nobody"),
  provider = failure(Agent.create, { model = "nowhere/model" }),
  template = failure(Agent.create_from_template, "ann", "no_such_template"),
}
