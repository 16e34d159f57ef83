-- What `validate` finds without running anything: names, branches that never run, tokens, members that mean nothing.
local noop = function() end
local function found(kind, cfg)
  cfg.name = "w"
  local r = Workflow.validate(kind, cfg)
  return { r.valid, JSON.array(r.errors), JSON.array(r.warnings) }
end
local wf = Workflow.sequential { name = "mine", steps = { { name = "a", tool = "calculatr", input = {} }, { name = "b", agent = "nobody", input = "x" } } }
local own = wf:validate()
return {
  fine = found("sequential", { steps = { { name = "a", execute = noop } } }),
  twice = found("sequential", { steps = { { name = "a", execute = noop }, { name = "a", execute = noop } } }),
  never = found("conditional", { branches = { { name = "n", condition = "never", steps = {} }, { name = "a", steps = {} }, { name = "b", steps = {} } } }),
  token = found("sequential", { steps = { { name = "a", input = { x = "{{step:b:output}}" }, execute = noop }, { name = "b", execute = noop } } }),
  loop = found("sequential", { steps = { { name = "a", input = { x = "{{loop:current_item}}" }, execute = noop } } }),
  misspelt = found("sequential", { stpes = {}, steps = {} }),
  unnamed = found("parallel", { branches = { { tool = "calculator", input = { input = "1" } } } }),
  own = { own.valid, own.workflow_id == wf.id, own.warnings, own.errors },
}
