-- The further points about workflows, and the other names of points.
local seen
local function watch(points)
  seen = {}
  local hooks = {}
  for i, point in ipairs(points) do
    hooks[i] = Hook.register(point, function(ctx)
      local d = ctx.data
      seen[#seen + 1] = table.concat({ point, ctx.workflow_type, d.execution_phase or "", d.branch or d.step_name or d.iteration or d.condition or d.to_state or "" }, " ")
    end)
  end
  return function() for _, hook in ipairs(hooks) do hook:unregister() end return seen end
end
local function step(name, fn) return { name = name, execute = fn or function() return name end } end
local function custom(...)
  local points = {}
  for i, name in ipairs { ... } do points[i] = "custom:" .. name end
  return points
end
local stop = watch(custom("workflow_start", "workflow_state_change", "workflow_step_boundary", "workflow_complete"))
Workflow.sequential({ name = "s", steps = { step("a"), step("b") } }):execute()
Workflow.sequential({ name = "f", steps = { step("a", function() error("bad") end) } }):execute()
local sequential = stop()
stop = watch(custom("condition_evaluation", "branch_selection"))
Workflow.conditional({ name = "c", branches = { { name = "no", condition = "never", steps = {} }, { name = "yes", steps = {} } } }):execute()
local conditional = stop()
stop = watch(custom("loop_iteration_start", "loop_iteration_complete", "loop_termination"))
Workflow.loop({ name = "l", iterator = { range = { start = 1, ["end"] = 2 } }, body = { step("b") } }):execute()
local loop = stop()
stop = watch(custom("parallel_fork", "parallel_synchronization", "parallel_join"))
Workflow.parallel({ name = "p", max_concurrency = 1, branches = { { name = "l", steps = {} }, { name = "r", steps = {} } } }):execute()
local parallel = stop()
local aliases = {}
for _, alias in ipairs {
  "BeforeWorkflowStep", "workflow:before_step", "AfterWorkflowStep", "workflow:after_step", "workflow:before_start", "workflow:complete", "workflow:after_complete",
  "workflow:on_error", "workflow:on_step_error", "agent:before_execution", "agent_complete", "agent:after_execution", "parallel:branch_start",
  "conditional:condition_evaluated", "loop:iteration_complete",
} do
  local hook = Hook.register(alias, function() end)
  aliases[alias] = hook:hook_point()
  hook:unregister()
end
local ok, wrong = pcall(Hook.register, "beforetoolexecution", function() end)
return { sequential = sequential, conditional = conditional, loop = loop, parallel = parallel, aliases = aliases, wrong = { ok, wrong.kind } }
