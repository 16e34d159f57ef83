-- WorkflowOrchestrator: retries, checkpoints, limits and failures of steps, without a word in the workflow.
local tries, undone = 0, false
local function passing()
  tries = tries + 1
  if tries < 3 then error { kind = "remote", message = "busy" } end
  return "third"
end
local function run(config, steps)
  Hook.enable_builtin("WorkflowOrchestrator", config)
  local r = Workflow.sequential({ name = "w", steps = steps }):execute()
  return { r.success, r.output }
end
local function fine(name) return { name = name, execute = function() return name end } end
local bad = { name = "bad", execute = function() error("no", 0) end }
local undo = { name = "a", execute = function() return "a" end, compensate = function() undone = true end }
local sub = Event.subscribe("workflow.checkpoint")
local retried = run(nil, { { name = "a", execute = passing } })
run({ checkpoint_interval = 2 }, { fine("a"), fine("b"), fine("c"), fine("d") })
local checkpoints = {}
for i, e in ipairs(Event.receive_batch(sub)) do checkpoints[i] = { e.data.checkpoint_name, e.data.steps_completed } end
run({ enable_checkpoints = false, checkpoint_interval = 1 }, { fine("a") })
local none = Event.receive(sub, 0) == nil
run(nil, { undo, bad })
local rolled_back = undone
undone = false
run({ on_failure = "abort" }, { undo, bad })
local aborted = undone
local runs = 0
local count = { name = "count", input = { n = 1 }, execute = function() runs = runs + 1 return runs end }
Hook.enable_builtin("WorkflowOrchestrator", { enable_caching = true })
local w = Workflow.sequential { steps = { count } }
w:execute()
local cached = w:execute().output
local slow = { name = "slow", execute = function() Utils.sleep(30) end }
local _, wrong = pcall(Hook.enable_builtin, "WorkflowOrchestrator", { max_parallel = 2 })
tries = 0
return {
  retried = retried,
  not_retried = run({ enable_retry = false }, { { name = "a", execute = passing } })[1],
  checkpoints = checkpoints, none = none, undone = { rolled_back, aborted },
  continued = { run({ on_failure = "continue" }, { bad, fine("b") })[2] },
  cached = { cached, runs },
  limited = run({ timeout_per_step = 0.02, enable_retry = false }, { slow })[1],
  wrong = { wrong.kind, wrong.message:match("up to the workflow") },
}
