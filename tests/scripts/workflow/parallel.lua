-- Branches run at the same time; results stand in the order of the declaration, and the steps after the join see them.
local function step(name, fn) return { name = name, execute = fn } end
local wf = Workflow.parallel {
  name = "p",
  max_concurrency = 2,
  branches = {
    { name = "slow", steps = { step("a", function() Utils.sleep(0.02) return 1 end), step("b", function(ctx) return ctx.steps.a.output + 1 end) } },
    { name = "fast", steps = { step("c", function() return 10 end) } },
    { name = "bare", execute = function(ctx) return ctx.input.n end },
  },
  post_steps = { step("sum", function(ctx) return ctx.params.a + ctx.params.b end) },
}
wf = Workflow.parallel {
  name = "p",
  max_concurrency = 2,
  branches = {
    { name = "slow", steps = { step("a", function() Utils.sleep(0.02) return 1 end), step("b", function(ctx) return ctx.steps.a.output + 1 end) } },
    { name = "fast", steps = { step("c", function() return 10 end) } },
    { name = "bare", execute = function(ctx) return ctx.input.n end },
  },
  post_steps = {
    { name = "sum", input = { a = "{{branch:slow:b:output}}", b = "{{branch:fast:c:output}}" },
      execute = function(ctx) return ctx.params.a + ctx.params.b end },
  },
}
local r = wf:execute({ n = 5 })
local optional = Workflow.parallel {
  branches = {
    { name = "bad", required = false, steps = { step("x", function() error("no") end) } },
    { name = "good", steps = { step("y", function() return "y" end) } },
  },
}:execute()
local failing = Workflow.parallel {
  branches = {
    { name = "bad", steps = { step("x", function() error({ kind = "not_found", message = "gone" }) end) } },
    { name = "long", steps = { step("y", function() Utils.sleep(50) return "y" end) } },
  },
}:execute()
local first = Workflow.parallel {
  join_strategy = "any",
  branches = {
    { name = "long", steps = { step("y", function() Utils.sleep(50) return "long" end) } },
    { name = "short", steps = { step("x", function() return "short" end) } },
  },
}:execute()
local merged = Workflow.parallel {
  join_strategy = "merge",
  branches = {
    { name = "l", steps = { step("x", function() return { output = { a = 1, b = 1 } } end) } },
    { name = "r", steps = { step("y", function() return { output = { b = 2 } } end) } },
  },
}:execute()
local names = {}
for _, s in ipairs(r.step_results) do names[#names + 1] = s.name end
return {
  output = r.output,
  names = names,
  outputs = r.data.branch_outputs,
  counts = { r.data.successful_branches, r.data.failed_branches },
  details = { r.metadata.extra.branch_details[1].branch_name, r.metadata.extra.stopped_early },
  optional = { optional.success, optional.data.failed_branches, optional.output.good },
  failing = { failing.success, failing.error.kind, failing.error.message, failing.error.location, failing.error.error_type,
    failing.error.details.failed_branches, failing.error.details.path, failing.metadata.extra.stopped_early },
  first = { first.success, first.output },
  merged = merged.output,
}
