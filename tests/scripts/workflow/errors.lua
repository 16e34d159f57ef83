-- A failed step never raises: the result says which one, why, after how many attempts, and strategies decide what follows.
local function bad() error({ kind = "execution", message = "bad" }) end
local function seq(steps, more)
  local cfg = { name = "w", steps = steps }
  for k, v in pairs(more or {}) do cfg[k] = v end
  return Workflow.sequential(cfg):execute()
end
local after = { name = "after", execute = function() return "after" end }
local fast = seq { { name = "x", execute = bad }, after }
local goes_on = seq({ { name = "x", execute = bad }, after }, { error_strategy = "continue" })
local tries = 0
local retried = seq { { name = "x", retry = { max_attempts = 3, backoff_ms = 1 }, execute = function()
  tries = tries + 1
  if tries < 3 then bad() end
  return tries
end } }
local tries2 = 0
local by_workflow = seq({ { name = "x", execute = function() tries2 = tries2 + 1; bad() end } },
  { error_strategy = { type = "retry", max_attempts = 2, backoff_ms = 1 } })
local denied = 0
local not_retried = seq { { name = "x", retry = { max_attempts = 5, backoff_ms = 1 }, execute = function()
  denied = denied + 1
  error({ kind = "denied", message = "no" })
end } }
local replaced = seq { { name = "x", execute = bad, on_error = function(err) return { success = true, output = err.kind .. ": " .. err.message } end }, after }
local continued = seq { { name = "x", execute = bad, on_error = function() return "continue" end }, after }
local asked = 0
local again = seq { { name = "x", execute = function() asked = asked + 1; if asked == 1 then bad() end; return "second" end,
  on_error = function() return "retry" end } }
local handled = seq({ { name = "x", execute = bad }, after }, { error_handler = function(name, err) return name == "x" and "continue" or "fail" end })
local whole = seq({ { name = "x", execute = bad } }, { on_error = function(err, ctx) return { success = true, output = err.location .. " of " .. ctx.workflow.name } end })
local order = {}
local undone = seq {
  { name = "a", execute = function() return "A" end, compensate = function(ctx) order[#order + 1] = "undo " .. ctx.steps.a.output end },
  { name = "b", execute = function() return "B" end, compensate = { input = { text = "{{step:b:output}}" }, execute = function(ctx) order[#order + 1] = "undo " .. ctx.params.text end } },
  { name = "c", execute = bad },
}
local late = seq { { name = "x", timeout_ms = 20, execute = function() Utils.sleep(50) end } }
local whole_late = seq({ { name = "x", execute = function() Utils.sleep(50) end } }, { timeout_ms = 20 })
local unknown = seq { { name = "x", tool = "calculatr", input = {} } }
local agent = seq { { name = "x", agent = "nobody", input = "hello" } }
local complete = {}
seq({ { name = "x", execute = bad } }, { on_start = function() complete[#complete + 1] = "start" end,
  on_complete = function(success, r) complete[#complete + 1] = tostring(success) .. " " .. r.error.location end })
Workflow.set_default_error_handler(function(err, about) return { success = true, output = about.name .. "/" .. about.step .. ": " .. err.kind } end)
local usual = seq { { name = "x", execute = bad } }
Workflow.set_default_error_handler(nil)
return {
  fast = { fast.success, fast.error.kind, fast.error.message, fast.error.location, fast.error.error_type, #fast.step_results, fast.error.details.path, fast.error.details.attempts },
  goes_on = { goes_on.success, goes_on.output, goes_on.data.failed_steps, goes_on.data.successful_steps },
  retried = { retried.success, retried.output, retried.step_results[1].retry_count },
  by_workflow = { by_workflow.success, tries2, by_workflow.error.details.attempts },
  not_retried = { not_retried.error.kind, denied },
  replaced = { replaced.success, replaced.step_results[1].output, replaced.output },
  continued = { continued.success, continued.output, continued.data.failed_steps },
  again = { again.success, again.output },
  handled = { handled.success, handled.output },
  whole = { whole.success, whole.output },
  undone = order,
  late = { late.error.kind, late.error.message },
  whole_late = { whole_late.error.kind, whole_late.error.message },
  unknown = { unknown.error.kind, unknown.error.message, unknown.error.hints },
  agent = { agent.error.kind, agent.error.message },
  complete = complete,
  usual = { usual.success, usual.output },
}
