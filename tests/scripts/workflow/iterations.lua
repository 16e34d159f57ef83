-- Every way to write what a loop goes over, its variables, its ends.
local function loop(cfg, input)
  cfg.aggregation_strategy = cfg.aggregation_strategy or "collect_outputs"
  cfg.body = cfg.body or { { name = "b", execute = function(ctx) return ctx.loop.current_item end } }
  return Workflow.loop(cfg):execute(input)
end
local function items(cfg, input) return loop(cfg, input).data.aggregated_results end
local function refused(cfg)
  cfg.name = cfg.name or "w"
  local ok, err = pcall(Workflow.loop, cfg)
  return ok or err.kind .. ": " .. err.message
end
local body = { { execute = function() end } }
local seen
loop { iterator = { collection = { "only" } }, body = { { name = "b", execute = function(ctx) seen = ctx end } } }
local batch
loop { iterator = { collection = { 1, 2, 3 } }, batch_size = 2, body = { { name = "b", execute = function(ctx) batch = batch or ctx.batch end } } }
local not_list = loop({ iterator = { collection = "{{input:n}}" } }, { n = 5 })
local unknown = loop { iterator = { collection = "{{step:nowhere:output}}" } }
local late = loop { timeout_ms = 30, iterator = { while_condition = "always" }, max_iterations = 1000, body = { { name = "b", execute = function() Utils.sleep(0.02) end } } }
local partly = loop { iterator = { range = { ["end"] = 2 } }, error_strategy = "continue", aggregation_strategy = "summary", body = {
  { name = "x", execute = function(ctx) if ctx.current_index == 1 then error("bad") end return ctx.current_index end },
  { name = "y", execute = function(ctx) return "y" .. ctx.current_index end },
} }
local all = loop { iterator = { range = { ["end"] = 1 } }, aggregation_strategy = "collect_all", break_condition = "$iteration == 1" }
local twice = Workflow.loop { name = "outer", iterator = { collection = { "a", "b" } }, aggregation_strategy = "collect_outputs", body = {
  { name = "inner", type = "loop", iterator = { collection = { 1, 2 } }, aggregation_strategy = "collect_outputs",
    body = { { name = "pair", execute = function(ctx) return ctx.loop.parent.current_item .. ctx.loop.current_item .. ctx.loop.parent.current_index end } } },
} }
local between = Workflow.sequential { name = "s", steps = {
  { name = "rows", execute = function() return { "p", "q" } end },
  { name = "each", type = "loop", iterator = { collection = "{{step:rows:output}}" }, body = { { name = "up", input = { v = "{{loop:current_item | upper}}" }, execute = function(ctx) return ctx.params.v end } } },
  { name = "last", input = { v = "{{step:each:up:output}}" }, execute = function(ctx) return ctx.params.v end },
} }
return {
  ranges = { items { iterator = { range = { ["end"] = 2 } } }, items { iterator = { range = { start = 1, ["end"] = 6, step = 2 } } }, items { iterator = { range = { start = 1, ["end"] = -1, step = -1 } } }, items { iterator = { range = { start = 4, ["end"] = 4 } } } },
  map = items { iterator = { collection = { b = 2, a = 1 } } },
  text = items({ iterator = { collection = "{{input:rows}}" } }, { rows = '["x", "y"]' }),
  flat = { items { iterator = "collection", items = { 5, 6 } }, items { iterator = "while", condition = "$iteration < 2" }, items { iterator = "range", start = 3, ["end"] = 1, step = -1 } },
  condition = { items { condition = { type = "collection", items = { 7 } } }, #items { condition = { type = "expression", expression = "$iteration < 3" } }, #items { condition = { type = "count", max_iterations = 2 } } },
  body = { items { iterator = { collection = { 1 } }, body = { name = "one", execute = function() return "step" end } }, items { iterator = { collection = { 1 } }, body = { type = "sequential", steps = { { execute = function() return "a" end }, { execute = function() return "b" end } } } } },
  variables = { seen.loop.current_index, seen.loop.loop_index, seen.loop.iteration, seen.loop.current_item, seen.loop.current_value, seen.loop.loop_value, seen.current_item, seen.current_value, seen.current_index },
  batch = batch, not_list = { not_list.success, not_list.error.kind }, unknown = { unknown.success, unknown.error.kind },
  late = { late.success, late.error.kind, late.data.break_reason },
  partly = { partly.success, partly.data.failed_iterations, partly.data.completed_iterations, partly.data.aggregated_results, partly.output },
  all = { all.data.break_reason, #all.data.aggregated_results.all_iterations, all.data.aggregated_results.loop_metadata.completed_iterations, all.data.aggregated_results.loop_metadata.break_reason },
  twice = twice:execute().output, between = between:execute().output,
  while_limit = { loop({ iterator = { while_condition = "always" } }).data.total_iterations, loop({ iterator = { while_condition = "always", max_iterations = 5 } }).data.total_iterations, loop({ iterator = { range = { ["end"] = 300 } } }).data.total_iterations },
  refused = {
    refused { body = body }, refused { iterator = { range = { ["end"] = 1, step = 0 } }, body = body }, refused { iterator = { range = { ["end"] = 1 } } },
    refused { iterator = "rnge", body = body }, refused { iterator = { range = {} }, body = body }, refused { iterator = { range = { ["end"] = 1 } }, body = body, aggregation_strategy = "some" },
    refused { iterator = { range = { ["end"] = 1 } }, body = body, batch_size = 0 },
  },
}
