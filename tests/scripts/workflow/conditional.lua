-- The first branch whose condition is true runs; all of them if that is wanted; the default if none is.
local function says(text) return { { name = "s", execute = function() return text end } } end
local function of(input, more)
  local cfg = {
    name = "c",
    branches = {
      { name = "big", condition = { type = "expression", expression = "input.n > 10" }, steps = says("big") },
      { name = "even", condition = function(i) return i.n % 2 == 0 end, steps = says("even") },
    },
  }
  for k, v in pairs(more or {}) do cfg[k] = v end
  return Workflow.conditional(cfg):execute(input)
end
local none = of({ n = 3 })
local all = of({ n = 12 }, { execute_all_matching = true })
local pre = Workflow.conditional {
  pre_steps = { { name = "look", execute = function() return "ready" end } },
  branches = { { name = "go", condition = { type = "step_output_equals", step = "look", expected = "ready" }, steps = says("went") } },
}:execute()
local short = Workflow.conditional { condition = "input.ok", then_branch = { steps = says("then") }, else_branch = { steps = says("else") } }
return {
  big = of({ n = 11 }).output,
  even = of({ n = 2 }).output,
  default = of({ n = 3 }, { default_branch = { steps = says("default") } }).output,
  none = { none.success, none.error.kind, none.error.message },
  all = { all.output, all.data.executed_branches, all.data.matched_branches, all.data.total_branches, all.metadata.extra.executed_branches[2].branch_name },
  pre = pre.output,
  short = { short:execute({ ok = true }).output, short:execute({ ok = false }).output },
}
