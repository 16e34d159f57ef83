-- The sample of the contract: a tool, then a function that sees its output.
local wf = Workflow.sequential {
  name = "stats",
  description = "adds",
  steps = {
    { name = "sum", tool = "calculator", input = { input = "{{input:a}} + {{input:b}}" } },
    { name = "say", type = "function", execute = function(ctx) return "sum is " .. math.tointeger(ctx.steps.sum.output) end },
  },
}
local r = wf:execute({ a = 40, b = 2 })
return {
  fields = { wf.name, wf.type, wf.id:match("^workflow_") ~= nil },
  success = r.success,
  output = r.output,
  kind = r.workflow_type,
  name = r.workflow_name,
  counts = { r.data.steps_executed, r.data.successful_steps, r.data.failed_steps },
  final = r.data.final_output,
  steps = { r.step_results[1].name, r.step_results[1].type, r.step_results[2].step_name, r.step_results[2].type },
  metadata = { r.metadata.steps_executed, r.metadata.steps_succeeded, r.metadata.steps_failed },
  outputs = r.data.outputs.say,
  error = r.error == nil,
  durations = math.type(r.duration_ms) == "integer" and math.type(r.step_results[1].duration_ms) == "integer",
  empty = Workflow.sequential({ steps = {} }):execute().output,
  again = wf:run({ a = 1, b = 1 }).output,
}
