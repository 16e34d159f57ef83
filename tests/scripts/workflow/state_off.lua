-- Where state is switched off, what a workflow shares lives in the memory of the run.
local wf = Workflow.sequential { name = "w", steps = {
  { name = "is", condition = { type = "shared_data_exists", key = "k" }, execute = function(_, state) return state:get("k") end },
  { name = "not", condition = { type = "shared_data_exists", key = "none" }, execute = function() return "no" end },
  { name = "token", input = { k = "{{state:k}}" }, execute = function(ctx) return ctx.params.k end },
} }
local set = wf:set_state("k", 1)
local result = wf:execute()
local _, raised = pcall(State.load, State.scope.Workflow(wf.id), "k")
return {
  kept = { wf:get_state("k"), set, wf:debug().runtime.state_keys },
  asks = { not result.step_results[1].skipped, not result.step_results[2].skipped },
  token = result.output,
  state = raised.kind,
}
