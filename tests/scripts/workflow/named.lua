-- Functions that steps name, found when the step runs.
local workflow = Workflow.sequential { name = "w", steps = {
  { name = "a", execute = "double", input = { n = 4 } },
  { name = "b", ["function"] = "double", input = { n = "{{step:a:output}}" } },
} }
function double(ctx) return ctx.params.n * 2 end
local result = workflow:execute()
local lost = Workflow.sequential { name = "lost", steps = { { name = "x", execute = "nowhere" } } }:execute()
local ok, wrong = pcall(Workflow.sequential, { name = "wrong", steps = { { name = "x", execute = 7 } } })
return {
  output = result.output,
  lost = { lost.success, lost.error.kind, lost.error.message },
  wrong = { ok, wrong.kind, wrong.message },
}
