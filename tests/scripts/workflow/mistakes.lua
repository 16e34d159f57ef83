-- Mistakes in a configuration are said when the workflow is made, with the workflow, the step or branch, and the member.
local function said(kind, cfg)
  cfg.name = "w"
  local ok, err = pcall(Workflow[kind], cfg)
  return ok or { err.kind, err.message, err.hints }
end
local function when(condition) return { branches = { { name = "b", condition = condition, steps = {} } } } end
return {
  agent = said("conditional", when { type = "agent_decision", agent = 5, input = "x" }),
  no_agent = said("conditional", when { type = "agent_decision", input = "x" }),
  expression = said("conditional", when { type = "expression", expression = "input.n >" }),
  short = said("conditional", when "input.n >"),
  inner = said("conditional", when { type = "not", condition = "1 2" }),
  step = said("sequential", { steps = { { name = "s", condition = "(true", execute = function() end } } }),
  two = said("sequential", { steps = { { name = "s", tool = "calculator", agent = "a" } } }),
  two_typed = said("sequential", { steps = { { name = "s", type = "agent", agent = "a", execute = function() end } } }),
  two_kinds = said("sequential", { steps = { { name = "s", tool = "calculator", steps = {} } } }),
  own_members = said("sequential", { steps = { { name = "s", type = "function", execute = function() end, agent = "a" } } }),
  while_condition = said("loop", { iterator = { while_condition = "$" }, body = {} }),
}
