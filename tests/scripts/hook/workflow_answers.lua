-- Every result at the points of workflows.
local runs, broken = 0, false
local function work(ctx)
  runs = runs + 1
  if broken then error("broken", 0) end
  return "ran " .. (ctx.params.x or ctx.input and ctx.input.x or "")
end
local flow = Workflow.sequential { name = "flow", steps = { { name = "a", input = { x = "1" }, execute = work } } }
Workflow.sequential { name = "spare", steps = { { name = "s", execute = function(ctx) return "spare " .. tostring(ctx.input and ctx.input.x) end } } }
local function with(point, answer)
  runs = 0
  local tries = 0
  local h = Hook.register(point, function(ctx)
    if ctx.workflow_name ~= "flow" then return end
    tries = tries + 1
    if type(answer) == "function" then return answer(ctx) end
    return answer
  end)
  local ok, r = pcall(flow.execute, flow, { x = "2" })
  h:unregister()
  if not ok then return { kind = r.kind, message = r.message, runs = runs, tries = tries } end
  return { success = r.success, output = r.output, runs = runs, tries = tries }
end
local function all(point)
  return {
    continue = with(point, "continue"), cancel = with(point, "no"), skipped = with(point, "skip"),
    redirect = with(point, { type = "redirect", target = "spare" }),
    replace = with(point, { type = "replace", data = "instead" }),
    fork = with(point, { type = "fork", operations = { { operation_type = "tool:calculator", parameters = { input = "1" } } } }),
  }
end
local start, stage, after, complete = all("BeforeWorkflowStart"), all("BeforeWorkflowStage"), all("AfterWorkflowStage"), all("AfterWorkflowComplete")
stage.modified = with("BeforeWorkflowStage", { type = "modified", data = { step = { input = { x = "3" } } } })
stage.retry = with("BeforeWorkflowStage", { type = "retry", delay_ms = 1, max_attempts = 2, fallback_data = "saved" })
stage.given_up = with("BeforeWorkflowStage", { type = "retry", delay_ms = 1, max_attempts = 2 })
after.modified = with("AfterWorkflowStage", { type = "modified", data = { result = "other" } })
after.retry = with("AfterWorkflowStage", { type = "retry", delay_ms = 1, max_attempts = 2 })
after.fallback = with("AfterWorkflowStage", { type = "retry", delay_ms = 1, max_attempts = 2, fallback_data = "saved" })
complete.final = with("AfterWorkflowComplete", { type = "modified", data = { final_output = "final" } })
complete.modified = with("AfterWorkflowComplete", { type = "modified", data = { result = "other" } })
broken = true
local failed = {
  continue = with("WorkflowError", "continue"), cancel = with("WorkflowError", "no"),
  redirect = with("WorkflowError", { type = "redirect", target = "spare" }),
  replace = with("WorkflowError", { type = "replace", data = "instead" }),
  retry = with("WorkflowError", { type = "retry", delay_ms = 1, max_attempts = 3 }),
  fallback = with("WorkflowError", { type = "retry", delay_ms = 1, max_attempts = 2, fallback_data = "saved" }),
}
local messages = {}
local h = Hook.register("WorkflowError", function(ctx)
  messages[#messages + 1] = ctx.data.error_message
  return { type = "modified", data = { error_message = "told " .. (ctx.step and ctx.step.name .. ctx.step.index or "all") } }
end)
local reworded = flow:execute({ x = "2" })
h:unregister()
failed.reworded = { messages, reworded.error.message }
return { start = start, stage = stage, after = after, complete = complete, failed = failed }
