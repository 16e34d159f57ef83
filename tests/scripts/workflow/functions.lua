-- The functions of the global and the methods of workflows.
local function noop() return "ok" end
local first = Workflow.sequential { name = "one", description = "first", steps = { { name = "s", retry = { max_attempts = 2 }, execute = noop } } }
local unnamed = Workflow.parallel { branches = { { name = "b", steps = { { execute = noop } } } } }
local id = Workflow.register("loop", { name = "three", iterator = { range = { ["end"] = 1 } }, body = { { execute = noop } } })
local listed = Workflow.list()
local names = {}
for i, entry in ipairs(listed) do names[i] = entry.name .. ":" .. entry.type end
local ran = first:execute()
local any = Workflow.execute({ type = "sequential", name = "any", steps = { { execute = noop } } })
local by_handle = Workflow.execute(first)
first:set_state("k", { a = 1 })
local counted = Workflow.sequential { name = "counted", steps = { { execute = function(_, state)
  state:set("n", (state:get("n") or 0) + 1)
  return state:get("n")
end } } }
counted:execute()
local second = counted:execute()
local validation = Workflow.validate("sequential", { name = "v", steps = {
  { name = "a", tool = "calculatr", input = {} },
  { name = "b", input = { x = "{{step:aa:output}}" }, execute = noop },
} })
local invalid = Workflow.validate("sequentail", {})
local broken = Workflow.validate("loop", { name = "l", body = {} })
local checked = first:validate()
local history = Workflow.history(2)
local metrics = first:get_metrics()
local performance = Workflow.performance()
local removed = Workflow.sequential { name = "gone", steps = {} }
Workflow.remove(removed.id)
local ok, gone = pcall(function() return removed:execute() end)
local ok2, unknown = pcall(Workflow.remove, "workflow_x")
local ok3, kind = pcall(Workflow.register, "sequence", { name = "x" })
local ok4, step = pcall(Workflow.sequential, { name = "w", steps = { { name = "s", type = "tol", tool = "x" } } })
local ok5, member = pcall(Workflow.parallel, { name = "w", branches = { { steps = {} } }, max_concurrency = 0 })
Workflow.enable_debug(true)
local debugging = Workflow.is_debug_enabled()
Workflow.enable_debug(false)
local info = first:get_info()
local inside = first:debug()
local got = Workflow.get("one")
local kept = first:get_state("k").a
Workflow.clear()
return {
  types = Workflow.types(),
  names = names,
  features = listed[1].features,
  ran = { ran.success, any.output, by_handle.output },
  state = { kept, second.output },
  validation = { validation.valid, validation.errors, #validation.warnings },
  checked = { checked.valid, checked.workflow_id == first.id },
  invalid = { invalid.valid, invalid.errors },
  broken = { broken.valid, broken.errors },
  history = { #history, history[1].name, history[1].success, history[1].type },
  metrics = { metrics.execution.total_executions, metrics.execution.successful_executions, metrics.execution.failed_executions, metrics.execution.last_execution_time ~= nil },
  performance = { performance.executions, performance.success_rate },
  gone = { ok, gone.kind, gone.message },
  unknown = { ok2, unknown.kind },
  kind = { ok3, kind.kind, kind.hints },
  step = { ok4, step.message, step.hints },
  member = { ok5, member.message },
  debugging = { debugging, Workflow.is_debug_enabled() },
  info = { info.name, info.type, info.description, info.step_count },
  inside = { inside.name, inside.runtime.state_keys },
  got = { got.name, got.id == first.id },
  cleared = { #Workflow.list(), Workflow.get("one") == nil },
  about = Workflow.info("loop").required,
}
