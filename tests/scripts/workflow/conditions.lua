-- Every condition, as the skip condition of a step.
Agent.create { name = "judge", model = "mock/echo" }
local function holds(condition, input)
  local wf = Workflow.sequential { name = "c", steps = {
    { name = "before", execute = function() return "red apple" end },
    { name = "test", condition = condition, execute = function() return true end },
  } }
  wf:set_state("count", 4)
  local r = wf:execute(input or { n = 3 })
  if r.error then return r.error.kind end
  return not r.step_results[2].skipped
end
local ok, unknown = pcall(Workflow.sequential, { name = "u", steps = { { name = "s", condition = { type = "shared_data_equal", key = "k" }, execute = function() end } } })
local ok2, wrong = pcall(Workflow.sequential, { name = "u", steps = { { name = "s", condition = { type = "expression", expression = "input.n >" }, execute = function() end } } })
return {
  constants = { holds("always"), holds("never"), holds(true), holds(false), holds({ type = "always" }), holds({ type = "never" }) },
  tool = { holds({ type = "tool", tool = "calculator", input = { input = "1 + {{input:n}}" } }), holds({ tool = "calculator", input = { input = "3 - 3" } }), holds({ tool = "calculator", input = { input = "1 /" } }) },
  equals = { holds({ type = "step_output_equals", step = "before", expected = "red apple" }), holds({ type = "step_result_equals", step_name = "before", expected = "x" }), holds("step:before:red apple") },
  contains = { holds({ type = "step_output_contains", step = "before", substring = "apple" }), holds({ type = "step_output_contains", step_name = "before", substring = "pear" }) },
  shared = {
    holds({ type = "shared_data_equals", key = "n", expected = 3 }), holds({ type = "shared_data_equals", key = "count", value = "4" }),
    holds({ type = "shared_data_exists", key = "count" }), holds({ type = "shared_data_exists", key = "none" }),
    holds({ type = "shared_data_greater_than", key = "count", value = 3 }), holds({ type = "shared_data_less_than", key = "count", value = 3 }),
  },
  logic = {
    holds({ type = "and", conditions = { "always", "input.n == 3" } }), holds({ type = "and", conditions = { "always", "never" } }),
    holds({ type = "or", conditions = { "never", "always" } }), holds({ type = "not", condition = "never" }),
  },
  agent = { holds({ type = "agent_decision", agent = "judge", input = "I say YES" }), holds({ type = "agent_decision", agent = "judge", input = "I say no", expected = "yes" }) },
  expression = { holds({ type = "expression", expression = "input.n >= 3 and steps.before.success" }), holds({ type = "custom", expression = "$count < 4" }), holds("'{{input:n}}' == 3") },
  func = { holds(function(input) return input.n == 3 end), holds(function(_, state) return state:get("count") == 5 end) },
  missing_step = holds({ type = "step_output_equals", step = "befor", expected = 1 }),
  unknown = { ok, unknown.kind, unknown.message, unknown.hints },
  wrong = { ok2, wrong.kind },
}
