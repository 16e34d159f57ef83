-- What decides about a failed step, in its order: its own retry, its `on_error`, the handler, the strategy, the workflow's `on_error`.
local function fails(kind, times)
  local calls = 0
  return { name = "x", execute = function()
    calls = calls + 1
    if not times or calls <= times then error({ kind = kind or "execution", message = "failure " .. calls }) end
    return "attempt " .. calls
  end }
end
local after = { name = "after", execute = function() return "after" end }
local function seq(step, cfg, more)
  cfg = cfg or {}
  for key, value in pairs(more or {}) do step[key] = value end
  cfg.name, cfg.steps = "w", { step, after }
  local r = Workflow.sequential(cfg):execute()
  return { r.success, r.output, r.data.failed_steps, r.error and r.error.message or "", #r.step_results }
end
local function refused(strategy)
  local ok, err = pcall(Workflow.sequential, { name = "w", steps = {}, error_strategy = strategy })
  return { ok, err.kind, err.message }
end
local order = {}
local function note(word, answer) return function() order[#order + 1] = word return answer end end
seq(fails(), { error_handler = note("handler"), on_error = note("workflow"), error_strategy = "fail_fast" }, { on_error = note("step"), retry = { max_attempts = 2, backoff_ms = 1 } })
order[#order + 1] = "|"
seq(fails(), { error_handler = note("handler", "continue"), on_error = note("workflow") }, { on_error = note("step") })
order[#order + 1] = "|"
seq(fails(), { error_handler = note("handler"), on_error = note("workflow") }, { on_error = note("step", "fail") })
local kinds = {}
for _, kind in ipairs { "execution", "timeout", "conflict", "denied", "cancelled", "limit" } do
  kinds[kind] = seq(fails(kind, 1), {}, { retry = { max_attempts = 2, backoff_ms = 1 } })[1]
end
local undone = {}
local function undo(name) return function() undone[#undone + 1] = name end end
local wf = Workflow.sequential { name = "w", steps = {
  { name = "a", execute = function() return "A" end, compensate = undo("a") },
  { name = "inner", type = "sequential", steps = { { name = "b", execute = function() return "B" end, compensate = undo("b") } } },
  { name = "skipped", skip_condition = "always", execute = function() end, compensate = undo("skipped") },
  { name = "c", execute = function() error("bad") end, compensate = undo("c") },
} }
local rollback
local watch = Hook.register("WorkflowRollback", function(ctx) rollback = { ctx.data.reason ~= nil, ctx.data.steps } end)
wf:execute()
watch:unregister()
local first = table.concat(undone, " ")
local veto = Hook.register("WorkflowRollback", function() return { type = "cancel" } end)
wf:execute()
veto:unregister()
local kept = Workflow.sequential { name = "w", error_strategy = "continue", steps = {
  { name = "a", execute = function() return "A" end, compensate = undo("never") }, { name = "c", execute = function() error("bad") end },
} }
kept:execute()
return {
  names = { seq(fails(), { error_strategy = "fail_fast" }), seq(fails(), { error_strategy = "failfast" }), seq(fails(), { error_strategy = "stop" }), seq(fails(), { error_strategy = "continue" }) },
  retried = { seq(fails(nil, 2), { error_strategy = { type = "retry", max_attempts = 3, backoff_ms = 1 } }), seq(fails(), { error_strategy = { type = "retry", max_attempts = 2, backoff_ms = 1, backoff_multiplier = 1 } }) },
  handler = { seq(fails(nil, 2), { error_handler = { strategy = "retry", max_retries = 2, backoff = "fixed", initial_delay_ms = 1 } }), seq(fails(), { error_handler = { strategy = "continue" } }) },
  answers = { seq(fails(nil, 1), {}, { on_error = function() return "retry" end }), seq(fails(), {}, { on_error = function() return { output = "instead" } end }), seq(fails(), {}, { on_error = function() return { success = false, error = "worse" } end }), seq(fails(), { error_strategy = "continue" }, { on_error = function() return "fail" end }) },
  failing_handler = seq(fails(), { error_strategy = "continue" }, { on_error = function() error("no idea") end }),
  order = table.concat(order, " "), kinds = kinds,
  refused = { refused("never"), refused(5) },
  undone = { first, #undone == 2, rollback },
}
