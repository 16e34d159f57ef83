-- Workflows within workflows: as objects with an input of their own, and written in place, where they see what is around.
Agent.create { name = "echo", model = "mock/echo" }
local double = Workflow.sequential { name = "double", steps = {
  { name = "sum", tool = "calculator", input = { input = "{{input:n}} * 2" } },
} }
local wf = Workflow.sequential { name = "outer", steps = {
  { name = "first", execute = function() return 4 end },
  { name = "call", workflow = double, input = { n = "{{step:first:output}}" } },
  { name = "place", type = "conditional", branches = {
    { name = "many", condition = "steps.call.output > 5", steps = { { name = "say", execute = function(ctx) return "many " .. math.tointeger(ctx.steps.call.output) end } } },
  } },
  { name = "ask", agent = "echo", input = "got {{step:place:many:say:output}}" },
  { name = "inline", agent = { model = "mock/echo", name = "made" }, prompt = "and {{step:call:sum:output}}" },
  { name = "fan", type = "parallel", branches = {
    { name = "l", type = "loop", iterator = { collection = { 1, 2 } }, body = { { name = "x", execute = function(ctx) return ctx.current_item end } } },
    { name = "r", workflow = { type = "sequential", steps = { { name = "y", execute = function(ctx) return ctx.steps.first.output end } } } },
  } },
} }
local r = wf:execute()
local failing = Workflow.sequential { name = "outer", steps = {
  { name = "mid", type = "sequential", steps = { { name = "in", type = "parallel", branches = { { name = "b", steps = { { name = "deep", execute = function() error({ kind = "conflict", message = "lost" }) end } } } } } } },
} }:execute()
return {
  success = r.success,
  call = r.data.outputs.call,
  place = r.data.outputs.place,
  ask = r.data.outputs.ask,
  inline = r.data.outputs.inline,
  fan = r.output,
  failing = { failing.success, failing.error.kind, failing.error.message, failing.error.details.path },
}
