-- What hooks may answer at the points of workflows: retry and redirect before, after and on errors; cached results.
local runs = { step = 0, whole = 0 }
local target = Workflow.sequential { name = "target", steps = {
  { name = "t", execute = function(ctx) return "target got " .. tostring(ctx.input and (ctx.input.x or ctx.input)) end },
} }
local wf = Workflow.sequential { name = "w", steps = {
  { name = "a", input = { x = 1 }, execute = function() runs.step = runs.step + 1; return "a" .. runs.step end },
} }
local bad = Workflow.sequential { name = "bad", steps = { { name = "b", input = { x = 2 }, execute = function() error("broken") end } } }

-- Runs a workflow with one hook that answers this for it, the first `times` times.
local function with(point, answer, workflow, times, input)
  local left = times or 1
  local hook = Hook.register(point, function(ctx)
    if ctx.workflow_name == workflow.name and left > 0 then
      left = left - 1
      return answer
    end
  end)
  local result = workflow:execute(input)
  hook:unregister()
  return result
end
local again = { type = "retry", delay_ms = 0, max_attempts = 3 }

local step_again = with("AfterWorkflowStage", again, wf)
local steps_ran = runs.step
local whole_again = with("AfterWorkflowComplete", again, wf, 2)
local whole_ran = runs.step - steps_ran
local tired = with("AfterWorkflowStage", again, wf, 100)
local fallback = with("AfterWorkflowStage", { type = "retry", delay_ms = 0, max_attempts = 1, fallback_data = "instead" }, wf)
local redirected = {
  start = with("BeforeWorkflowStart", { type = "redirect", target = "target" }, wf, 1, { x = 5 }).output,
  stage = with("BeforeWorkflowStage", { type = "redirect", target = target.id }, wf).output,
  after_stage = with("AfterWorkflowStage", { type = "redirect", target = "tool:calculator" }, Workflow.sequential { name = "sum", steps = {
    { name = "s", tool = "calculator", input = { input = "1 + 1" } },
  } }).output,
  complete = with("AfterWorkflowComplete", { type = "redirect", target = "target" }, wf, 1, { x = 6 }).output,
  failed_stage = with("WorkflowError", { type = "redirect", target = "target" }, bad).output,
}
local missing = with("BeforeWorkflowStart", { type = "redirect", target = "targt" }, wf)
local skipped = with("BeforeWorkflowStart", { type = "skipped", reason = "not now" }, wf)

-- Two workflows that redirect to each other end with a limit.
local there = Workflow.sequential { name = "there", steps = {} }
local back = Workflow.sequential { name = "back", steps = {} }
local circle = Hook.register("BeforeWorkflowStart", function(ctx)
  if ctx.workflow_name == "there" then return { type = "redirect", target = "back" } end
  if ctx.workflow_name == "back" then return { type = "redirect", target = "there" } end
end)
local endless = there:execute()
circle:unregister()

-- A step that one hook answers and another wants again ends all the same.
local given = Hook.register("BeforeWorkflowStage", function(ctx)
  if ctx.workflow_name == "w" then return { type = "replace", data = "given" } end
end)
local stuck = with("AfterWorkflowStage", again, wf, 100)
given:unregister()

local before = runs.step
local cache = Hook.register("BeforeWorkflowStage", function(ctx)
  if ctx.workflow_name == "w" then return { type = "cache", key = "step a" } end
end)
local one, two = wf:execute().output, wf:execute().output
cache:unregister()

-- Answers of hooks of steps: what they save for the workflow, and operations beside it.
local par = Workflow.parallel { name = "par", branches = { { name = "left", steps = { { name = "l", execute = function() return 1 end } } } } }
local branches = {}
local saves = Hook.register("BeforeWorkflowStage", function(ctx)
  branches[#branches + 1] = ctx.data.branch
  return { continue_execution = true, state_updates = { last = ctx.stage_name } }
end)
local forks = Hook.register("BeforeWorkflowStart", function()
  return { type = "fork", operations = { { id = "f", operation_type = "tool:calculator", parameters = { input = "2 + 3" } } } }
end)
local forked = par:execute()
saves:unregister()
forks:unregister()
local fork = forked.metadata.forks[1]

return {
  saved = { par:get_state("last"), branches },
  forked = { #forked.metadata.forks, fork.id, fork.operation_type, fork.success, fork.result },
  step_again = { step_again.success, step_again.output, steps_ran },
  whole_again = { whole_again.success, whole_ran, whole_again.data.steps_executed },
  tired = tired.success,
  fallback = fallback.output,
  redirected = redirected,
  missing = { missing.success, missing.error.kind, missing.error.details.workflow },
  skipped = { skipped.success, skipped.output, skipped.metadata.skipped, skipped.metadata.skip_reason },
  endless = { endless.success, endless.error.kind },
  stuck = { stuck.success, stuck.output },
  cached = { one == two, runs.step - before },
}
