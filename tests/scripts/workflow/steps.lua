-- What a step may be written as, and what functions of steps get and return.
Agent.create { name = "echo", model = "mock/echo" }
local function first(step, input) return Workflow.sequential({ name = "w", steps = { step } }):execute(input).step_results[1] end
local unnamed = Workflow.sequential({ steps = { { execute = function() return 1 end }, { execute = function(ctx) return ctx.step.name .. ctx.step.index end } } }):execute()
local shadowed = Workflow.sequential({ name = "s", steps = {
  { name = "a", execute = function() return "first" end },
  { name = "a", execute = function() return "second" end },
  { name = "last", input = { v = "{{step:a:output}}" }, execute = function(ctx) return ctx.params.v end },
} }):execute()
local seen
local probe = Workflow.sequential({ name = "probe", steps = {
  { name = "before", tool = "calculator", input = { input = "2 * 3" } },
  { name = "bad", execute = function() error({ kind = "conflict", message = "lost" }) end, on_error = function() return "continue" end },
  { name = "look", input = { x = 1 }, execute = function(ctx) seen = ctx; return { output = "shown", data = { more = true } } end },
  { name = "after", execute = function(ctx) return ctx.steps.look.data.more end },
} })
local probed = probe:execute({ q = "in" })
local merged = first({ name = "m", input = { a = "input" }, parameters = { a = "parameters", b = "parameters" }, params = { b = "params", c = "params" }, execute = function(ctx) return ctx.params end })
local returned = {
  number = first({ execute = function() return 5 end }).output,
  output = first({ execute = function() return { output = "o", extra = 1 } end }).output,
  failed = first({ execute = function() return { success = false, error = "not well" } end }),
  plain = first({ execute = function() return { a = 1 } end }).output,
  raised = first({ execute = function() error("plain text") end }),
}
local function kind(step) return first(step).type end
local counted = 0
local limited = first({ name = "r", retry = { max_attempts = 2, backoff_ms = 1 }, execute = function() counted = counted + 1; error({ kind = "execution", message = "x" }) end })
local ok, unknown = pcall(Workflow.sequential, { name = "w", steps = { { name = "s", type = "tols", tool = "x" } } })
local ok2, empty = pcall(Workflow.sequential, { name = "w", steps = { { name = "s" } } })
local inner = Workflow.sequential { name = "inner", steps = { { name = "i", execute = function(ctx) return ctx.input.n + 1 end } } }
return {
  unnamed = { unnamed.step_results[1].name, unnamed.output },
  shadowed = shadowed.output,
  ctx = {
    input = seen.input, params = seen.params, output = seen.steps.before.output, same = seen.results.before.output, success = { seen.steps.before.success, seen.steps.bad.success },
    error = seen.steps.bad.error.kind, duration = math.type(seen.steps.before.duration_ms) ~= nil, workflow = { seen.workflow.id == probe.id, seen.workflow.name, seen.workflow.type },
    step = { seen.step.name, seen.step.index },
  },
  after = probed.output,
  merged = merged.output,
  returned = {
    returned.number, returned.output, returned.plain, { returned.failed.success, returned.failed.error.message }, { returned.raised.success, returned.raised.error.kind },
  },
  kinds = {
    kind({ tool = "calculator", input = { input = "1" } }), kind({ tool = Tool.get("calculator"), input = { input = "1" } }), kind({ agent = "echo", input = "x" }),
    kind({ execute = function() end }), kind({ type = "custom", execute = function() end }), kind({ workflow = inner, input = { n = 1 } }),
    kind({ type = "parallel", branches = { { execute = function() end } } }), kind({ type = "conditional", branches = { { steps = {} } } }),
    kind({ type = "loop", iterator = { range = { ["end"] = 0 } }, body = { { execute = function() end } } }), kind({ type = "sequential", steps = {} }),
  },
  agents = {
    first({ agent = "echo", input = "text" }).output, first({ agent = "echo", prompt = "prompt" }).output, first({ agent = "echo", input = { prompt = "of {{input:who}}" } }, { who = "me" }).output,
    first({ agent = Agent.get("echo"), input = { text = "object" } }).output,
  },
  nested = { first({ workflow = inner, input = { n = 4 } }).output, first({ workflow = { type = "sequential", steps = { { execute = function(ctx) return ctx.input.n end } } }, input = { n = 6 } }).output },
  retried = { counted, limited.retry_count, limited.success },
  skip = { first({ skip_condition = "input.no", execute = function() return 1 end }, { no = true }).skipped, first({ skip_condition = "input.no", execute = function() return 1 end }, { no = false }).skipped },
  gates = {
    first({ type = "loop", condition = "input.no", iterator = { range = { ["end"] = 1 } }, body = { { execute = function() return 1 end } } }, { no = false }).skipped,
    first({ type = "conditional", condition = "input.no", branches = { { steps = {} } } }, { no = false }).skipped,
    first({ type = "parallel", condition = "input.no", branches = { { execute = function() end } } }, { no = false }).skipped,
    first({ type = "conditional", condition = "input.no", then_branch = {}, else_branch = { { execute = function() return "else" end } } }, { no = false }).output,
  },
  unknown = { ok, unknown.kind, unknown.hints }, empty = { ok2, empty.kind },
}
