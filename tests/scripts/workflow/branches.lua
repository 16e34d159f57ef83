-- How branches may be written, which of them run at the same time, what their ends mean for the others.
local function step(name, fn) return { name = name, execute = fn or function() return name end } end
local function bad() error({ kind = "execution", message = "bad" }) end
local function parallel(cfg, input) return Workflow.parallel(cfg):execute(input) end
local function conditional(cfg, input) return Workflow.conditional(cfg):execute(input) end
local function refused(kind, cfg)
  local ok, err = pcall(Workflow[kind], cfg)
  return { ok, err.kind, err.message }
end
local function many(count, kind)
  local branches = {}
  for i = 1, count do branches[i] = { steps = {} } end
  local ok, err = pcall(Workflow[kind], { name = "w", branches = branches })
  return ok or err.message
end

local running, most = 0, 0
local function busy()
  running = running + 1
  most = math.max(most, running)
  Utils.sleep(0.01)
  running = running - 1
  return "done"
end
local bounded = parallel { max_concurrency = 2, steps = { step("a", busy), step("b", busy), step("c", busy), step("d", busy) } }
local bounded_most = most
most = 0
local usual = parallel { steps = { step("a", busy), step("b", busy), step("c", busy), step("d", busy), step("e", busy) } }
local slow = parallel { fail_fast = false, branches = { { name = "x", steps = { step("x", bad) } }, { name = "y", steps = { step("y") } } } }
local started = {}
local fast = parallel { max_concurrency = 1, branches = {
  { name = "first", steps = { step("f", bad) } }, { name = "second", steps = { step("s", function() started[1] = true end) } },
} }
local optional = parallel { branches = { { name = "o", optional = true, steps = { step("o", bad) } }, { name = "p", steps = { step("p") } } } }
local none = parallel { join_strategy = "none", branches = { { name = "n", steps = { step("n", bad) } }, { name = "m", steps = { step("m") } } } }
local first = parallel { join_strategy = "first", branches = { { name = "n", steps = { step("n", bad) } }, { name = "m", steps = { step("m") } } } }
local lost = parallel { join_strategy = "any", branches = { { name = "n", steps = { step("n", bad) } }, { name = "m", steps = { step("m", bad) } } } }
local late = parallel { timeout_ms = 20, branches = { { name = "l", steps = { step("l", function() Utils.sleep(60) end) } } } }
local late_branch = parallel { branches = { { name = "l", timeout_ms = 20, steps = { step("l", function() Utils.sleep(60) end) } } } }
local post = parallel { branches = { { name = "b", steps = { step("x", function() return 3 end) } } }, post_steps = { step("p", bad) } }
local sees = Workflow.sequential({ steps = {
  step("before", function() return "seen" end),
  { name = "fan", type = "parallel", branches = {
    { name = "l", steps = { step("own", function() return "own" end), step("both", function(ctx) return ctx.steps.before.output .. " " .. ctx.steps.own.output end) } },
    { name = "r", steps = { { name = "late", execute = function(ctx) return ctx.steps.own == nil end } } },
  } },
} }):execute()
local whole = parallel({ branches = { { name = "w", workflow = { type = "sequential", steps = { step("i", function(ctx) return ctx.input.n end) } } } } }, { n = 8 })

local asked = {}
local function asks(name, answer) return function() asked[#asked + 1] = name return answer end end
local named = conditional { branches = {
  b = { condition = asks("b", true), steps = { step("s", function() return "b" end) } },
  a = { condition = asks("a", false), steps = { step("s", function() return "a" end) } },
  c = { condition = asks("c", true), steps = { step("s", function() return "c" end) } },
} }
local no_default = conditional {
  name = "c", branches = { { condition = "never", steps = {} } }, default_branch = { steps = { step("d") } }, execute_default_on_no_match = false,
}
local all = conditional({ execute_all_matching = true, branches = {
  { name = "one", condition = "input.n > 1", steps = { step("x", function() return 1 end) } },
  { name = "two", condition = "input.n > 5", steps = { step("x", function() return 2 end) } },
  { name = "three", steps = { step("x", function() return 3 end) } },
} }, { n = 7 })
local wrong = conditional { name = "c", branches = { { name = "b", condition = { type = "step_output_equals", step = "nowhere", expected = 1 }, steps = {} } } }
local inner = conditional { branches = { { name = "w", workflow = { type = "sequential", steps = { step("i", function() return "inside" end) } } } } }
return {
  bounded = { bounded.success, bounded_most }, usual = { usual.success, most, usual.data.branch_outputs.branch_1 or usual.data.branch_outputs.a },
  slow = { slow.success, slow.error.kind, slow.data.failed_branches, slow.data.successful_branches, slow.data.branch_outputs.y },
  fast = { fast.success, #started, fast.error.location, fast.metadata.extra.stopped_early },
  optional = { optional.success, optional.data.failed_branches, optional.metadata.extra.branch_details[1].required, optional.metadata.extra.branch_details[1].error ~= nil },
  none = { none.success, none.data.failed_branches, none.output.m }, first = { first.success, first.output }, lost = { lost.success, lost.error.error_type },
  late = { late.success, late.error.kind }, late_branch = { late_branch.success, late_branch.error.kind, late_branch.error.message },
  post = { post.success, post.error.location, post.error.kind }, sees = { sees.output.l, sees.output.r }, whole = whole.output.w,
  named = { named.output, asked, named.data.executed_branches },
  no_default = { no_default.success, no_default.error.kind, no_default.error.message },
  all = { all.success, all.data.matched_branches, all.output }, wrong = { wrong.success, wrong.error.kind, wrong.error.location, wrong.error.error_type },
  inner = inner.output,
  refused = { refused("parallel", { name = "w" }), refused("conditional", { name = "w" }), refused("parallel", { name = "w", branches = { { steps = {} } }, join_strategy = "some" }) },
  many = { many(100, "conditional"), many(101, "conditional"), many(1000, "parallel"), many(1001, "parallel") },
}
