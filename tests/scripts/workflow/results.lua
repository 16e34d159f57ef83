-- What `execute` returns for each kind, and what is known of executions afterwards.
local function bad() error({ kind = "conflict", message = "lost", hints = { "try again" } }) end
local function one(name, fn) return { name = name, execute = fn or function() return name end } end
local function sorted(map)
  local names = {}
  for name in pairs(map) do names[#names + 1] = name end
  table.sort(names)
  return JSON.array(names)
end
local function shape(kind, cfg)
  cfg.name = "w"
  local wf = Workflow[kind](cfg)
  local r = wf:execute()
  return {
    top = sorted(r), data = sorted(r.data), step = r.step_results[1] and sorted(r.step_results[1]), metadata = sorted(r.metadata), extra = sorted(r.metadata.extra),
    same = r.output == nil or type(r.output) == "table" or r.output == r.data.final_output, steps = #r.step_results == #r.data.steps, id = r.workflow_id == wf.id,
    error = r.error and { r.error.error_type, r.error.kind, tostring(r.error), r.error.message, r.error.location, sorted(r.error) },
    numbers = math.type(r.data.steps_executed) == "integer" and math.type(r.metadata.steps_failed) == "integer",
    times = r.metadata.start_time <= r.metadata.end_time and r.metadata.start_time:match("Z$") ~= nil,
  }
end
local seq = Workflow.sequential { name = "measured", description = "d", steps = { one("a") } }
local before = seq:get_metrics().execution
seq:execute()
local after = seq:get_metrics().execution
Workflow.sequential({ name = "lost", steps = { one("a", bad) } }):execute()
local history = Workflow.history(2)
local entry = sorted(history[1])
local info = Workflow.info("parallel")
local listed = Workflow.list()[1]
local veto = Hook.register("BeforeWorkflowStage", function() return { type = "cancel", reason = "not now" } end)
local ok, raised = pcall(function() return seq:execute() end)
veto:unregister()
local emitted
local sub = Event.subscribe("custom.done")
seq:emit("custom.done", { n = 1 })
emitted = Event.receive(sub, 100).data
local parts = {}
for _, kind in ipairs(Workflow.types()) do parts[#parts + 1] = { kind, Workflow.info(kind).type, #Workflow.info(kind).description > 0 } end
local unnamed, problem = pcall(Workflow.register, "sequential", { steps = {} })
return {
  sequential = shape("sequential", { steps = { one("a"), one("b", bad) } }),
  parallel = shape("parallel", { branches = { { name = "l", steps = { one("a") } }, { name = "r", steps = { one("b", bad) } } } }),
  conditional = shape("conditional", { branches = { { name = "x", steps = { one("a") } } } }),
  loop = shape("loop", { iterator = { range = { ["end"] = 1 } }, body = { one("a", bad) } }),
  none = shape("conditional", { branches = { { name = "x", condition = "never", steps = {} } } }),
  metrics = { before.total_executions, after.total_executions, after.average_duration_ms >= 0, after.last_execution_time ~= nil, before.last_execution_time == nil },
  history = { #history, history[1].name, history[1].success, history[2].name, history[2].success, entry }, performance = sorted(Workflow.performance()),
  info = { sorted(info), info.required }, types = parts, listed = { sorted(listed), listed.name, listed.description },
  veto = { ok, raised.kind, raised.message }, emitted = { emitted.workflow_name, emitted.workflow_type, emitted.workflow_id == seq.id, emitted.data },
  unnamed = { unnamed, problem.kind, problem.message },
}
