-- Hooks and events of workflows: the order of the points, what hooks change, and hooks of a single workflow.
local seen = {}
local points = { "BeforeWorkflowStart", "BeforeWorkflowStage", "AfterWorkflowStage", "WorkflowStageTransition", "WorkflowCheckpoint", "AfterWorkflowComplete", "WorkflowError" }
local hooks = {}
for _, point in ipairs(points) do
  hooks[#hooks + 1] = Hook.register(point, function(ctx)
    seen[#seen + 1] = point .. ":" .. (ctx.stage_name or ctx.data.to_stage or ctx.data.checkpoint_name or ctx.workflow_name or "")
  end)
end
local wf = Workflow.sequential { name = "w", steps = {
  { name = "a", input = { x = 1 }, execute = function(ctx) return ctx.params.x end },
  { name = "b", execute = function(ctx) return "b" end },
} }
local sub = Event.subscribe("workflow.**")
wf:execute()
local events = {}
while true do
  local ev = Event.receive(sub, 0)
  if not ev then break end
  events[#events + 1] = ev.event_type
end
for _, hook in ipairs(hooks) do hook:unregister() end
local own = {}
local watched = wf:on_before_execute(function(ctx) own[#own + 1] = ctx.workflow_id == wf.id end)
wf:on_after_execute(function(ctx) own[#own + 1] = ctx.results.b end)
wf:on_error(function(ctx) own[#own + 1] = ctx.data.error_message end)
Workflow.sequential({ name = "other", steps = { { execute = function() return 1 end } } }):execute()
wf:execute()
-- Whatever the point, the context says whose it is and what came out until then.
local told = {}
local failing = Workflow.sequential { name = "failing", steps = {
  { name = "a", execute = function() return 1 end },
  { name = "b", execute = function() error("broken") end },
} }
local function tell(ctx) told[#told + 1] = { ctx.point, ctx.workflow_id == failing.id, ctx.results.a or "nothing" } end
failing:on_before_execute(tell)
failing:on_after_execute(tell)
failing:on_error(tell)
failing:execute()
local emitted = wf:emit("done.it", { n = 1 })
local changed = Hook.register("BeforeWorkflowStage", function(ctx)
  if ctx.stage_name == "a" then return { type = "modified", data = { step = { input = { x = 42 } } } } end
  return { type = "skipped" }
end)
local modified = wf:execute()
changed:unregister()
local replaced = Hook.register("AfterWorkflowComplete", function() return { type = "replace", data = "instead" } end)
local instead = wf:execute()
replaced:unregister()
local veto = Hook.register("BeforeWorkflowStart", function() return { type = "cancel", reason = "not today" } end)
local ok, err = pcall(function() return wf:execute() end)
veto:unregister()
return {
  seen = seen,
  events = events,
  watched = { watched.hook_type, watched.workflow_id == wf.id },
  own = { own[1], own[2] },
  told = told,
  emitted = { emitted.success, emitted.event_name },
  modified = { modified.step_results[1].output, modified.step_results[2].skipped, modified.output },
  instead = instead.output,
  veto = { ok, err.kind, err.message },
}
