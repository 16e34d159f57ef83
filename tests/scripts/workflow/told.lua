-- Functions that are told how an execution goes, in their order; what they raise changes nothing.
local function step(name, fn) return { name = name, execute = fn or function() return name end } end
local function bad() error({ kind = "execution", message = "bad" }) end
local told
local function note(...) told[#told + 1] = table.concat({ ... }, " ") end
local function run(kind, cfg, input)
  told = {}
  cfg.name = kind
  local result = Workflow[kind](cfg):execute(input)
  return { result.success, JSON.array(told), result.output }
end
local function common(cfg)
  cfg.on_start = function(ctx) note("start", ctx.workflow.name, ctx.input.n) end
  return cfg
end
local sequential = run("sequential", common {
  steps = { step("a"), step("b") },
  hooks = { before_stage = function(name) note("before", name) end, after_stage = function(name) note("after", name) end },
  on_step_complete = function(name, result) note("step", name, result.output) end,
  on_complete = function(success, result) note("complete", tostring(success), result.output, result.workflow_type) end,
}, { n = 1 })
local failed = run("sequential", common {
  steps = { step("a", bad), step("b") },
  on_step_complete = function(name, result) note("step", name, result.error.kind) end,
  on_error = function(err, ctx) note("error", err.error_type, err.location, err.message, ctx.workflow.type) end,
  on_complete = function(success, result) note("complete", tostring(success), result.error.message) end,
}, { n = 2 })
local parallel = run("parallel", common {
  max_concurrency = 1,
  branches = { { name = "l", steps = { step("x") } }, { name = "r", steps = { step("y") } } },
  on_branch_complete = function(name, result) note("branch", name, result.output) end,
  on_complete = function(result) note("complete", tostring(result.success), result.workflow_type) end,
}, { n = 3 })
local conditional = run("conditional", common {
  branches = { { name = "one", steps = { step("z") } } },
  on_complete = function(result) note("complete", tostring(result.success), result.output) end,
}, { n = 4 })
local loop = run("loop", common {
  iterator = { collection = { "p", "q" } },
  body = { { name = "i", execute = function(ctx) return ctx.current_item .. "!" end } },
  on_iteration_complete = function(index, result) note("iteration", index, result.output) end,
  on_complete = function(result) note("complete", tostring(result.success), result.output) end,
}, { n = 5 })
local raising = run("sequential", {
  steps = { step("a") },
  hooks = { before_stage = bad, after_stage = bad },
  on_start = bad, on_complete = bad, on_step_complete = bad,
})

-- The order of one step: condition, tokens, the hook before, the work, the hook after, the transition, on_step_complete.
told = {}
local points = {}
for _, point in ipairs { "BeforeWorkflowStage", "AfterWorkflowStage", "WorkflowStageTransition", "BeforeToolExecution" } do
  points[#points + 1] = Hook.register(point, function(ctx) note(point, ctx.data.step and (ctx.data.step.input or {}).input or ctx.data.to_stage or "") end)
end
Workflow.sequential({
  name = "order",
  steps = {
    { name = "one", condition = function() note("condition") return true end, tool = "calculator", input = { input = "{{input:n}} + 1" } },
    step("two"),
  },
  on_step_complete = function(name) note("on_step_complete", name) end,
}):execute({ n = 6 })
for _, hook in ipairs(points) do hook:unregister() end
return { sequential = sequential, failed = failed, parallel = parallel, conditional = conditional, loop = loop, raising = raising, order = told }
