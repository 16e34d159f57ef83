-- Expressions: operators, literals, paths of every root, what is equal and what is ordered.
local expressions = {
  "input.n == 3",
  "input.n != 3",
  "input.n < 4 && input.n <= 3",
  "input.n > 3 || input.n >= 3",
  "not input.flag",
  "!input.flag and !(input.n == 4)",
  "not input.n == 4",
  "input.n == '3'",
  "input.num > 9",
  "input.num > input.s",
  "input.s < 'abd'",
  "input.s == \"abc\"",
  "input.list[0].id == 7",
  "input.list[1] == 2",
  "input.list[5] == null",
  "input.none == null",
  "input.none < 1",
  "input.none >= 0",
  "null == 0",
  "1.5 < 2",
  "-1 < 0",
  "true",
  "false or null",
  "'0'",
  "''",
  "input.empty",
  "input.list",
  "(true or false) and false",
  "true or false and false",
  "steps.before.output.v == 5",
  "steps.before.success",
  "steps.bad.success",
  "step_result.bad.failed",
  "step_result.before.success and not step_result.before.failed",
  "steps.nowhere.output == null",
  "steps.bad.error.kind == 'conflict'",
  "data.k == 1 and shared_data.k == 1 and state.k == 1 and $k == 1",
  "$n == 3",
  "$none == null",
  "'{{step:before:output.v}}' == 5",
  "{{input:n}} == 3",
  "\"{{input:s}}d\" == 'abcd'",
  "loop.current_item == null",
}
local function holds(expression)
  local wf = Workflow.sequential { name = "e", steps = {
    { name = "before", execute = function() return { v = 5 } end },
    { name = "bad", execute = function() error({ kind = "conflict", message = "lost" }) end, on_error = function() return "continue" end },
    { name = "test", condition = { type = "expression", expression = expression }, execute = function() end },
  } }
  wf:set_state("k", 1)
  local result = wf:execute { n = 3, s = "abc", num = "10", list = { { id = 7 }, 2 }, flag = false, empty = "" }
  return result.error and result.error.kind or not result.step_results[3].skipped
end
local function refused(expression)
  local ok, err = pcall(Workflow.sequential, { name = "e", steps = { { name = "s", condition = expression, execute = function() end } } })
  return ok or err.kind
end
-- Returns the items for which it is true.
local function looped(expression)
  local found = {}
  Workflow.loop({ iterator = { collection = { { id = 1 }, { id = 2 }, { id = 3 } } },
    body = { { name = "s", condition = expression, execute = function(ctx) found[#found + 1] = ctx.loop.current_item.id end } } }):execute()
  return found
end
local truths = {}
for _, expression in ipairs(expressions) do truths[#truths + 1] = expression .. " -> " .. tostring(holds(expression)) end
return {
  truths = truths,
  refused = { refused("input.n >"), refused("n == 1"), refused("input.n = 1"), refused("(true"), refused("'open"), refused("1 2"), refused("input.a + 1 == 2"), refused("$") },
  loop = { looped("loop.current_item.id == 2"), looped("$loop_index >= 1"), looped("$iteration == 2"), looped("loop.current_index == 0 or $loop_index == 2") },
}
