-- Ranges include their end; collections, conditions, batches, breaks and every aggregation.
local function loop(cfg)
  cfg.aggregation_strategy = cfg.aggregation_strategy or "collect_outputs"
  cfg.body = cfg.body or { { name = "b", execute = function(ctx) return ctx.current_value end } }
  return Workflow.loop(cfg):execute(cfg.with)
end
local function results(cfg) return loop(cfg).data.aggregated_results end
local squares = results { iterator = { range = { start = 1, ["end"] = 3 } },
  body = { { name = "sq", tool = "calculator", input = { input = "{{loop:current_value}} ^ 2" } } } }
local while_ = loop { iterator = { while_condition = "$iteration < 3" } }
local broken = loop { iterator = { range = { ["end"] = 100 } }, break_conditions = { { type = "expression", expression = "$loop_index >= 2" } } }
local limited = loop { iterator = { while_condition = "always" }, max_iterations = 4 }
local failed = loop { iterator = { range = { ["end"] = 3 } }, body = { { name = "f", execute = function(ctx)
  if ctx.current_index == 1 then error({ kind = "execution", message = "bad" }) end
  return ctx.current_index
end } } }
local continued = loop { iterator = { range = { ["end"] = 3 } }, error_strategy = "continue", body = { { name = "f", execute = function(ctx)
  if ctx.current_index == 1 then error({ kind = "execution", message = "bad" }) end
  return ctx.current_index
end } } }
local all = results { iterator = { range = { ["end"] = 1 } }, aggregation_strategy = "collect_all" }
local nested = results { iterator = { collection = { "a", "b" } }, body = {
  { name = "inner", type = "loop", iterator = { range = { start = 1, ["end"] = 2 } }, aggregation_strategy = "collect_outputs",
    body = { { name = "pair", input = { text = "{{loop:parent.current_item}}{{loop:current_item}}" }, execute = function(ctx) return ctx.params.text end } } },
} }
return {
  squares = squares,
  down = results { iterator = { range = { start = 2, ["end"] = 0, step = -1 } } },
  empty = { loop({ iterator = { range = { start = 1, ["end"] = 0 } } }).success, loop({ iterator = { range = { start = 1, ["end"] = 0 } } }).data.total_iterations },
  token = results { iterator = { collection = "{{input:rows}}" }, with = { rows = { "x", "y" } } },
  json = results { iterator = { collection = "{{input:rows}}" }, with = { rows = "[1, 2]" } },
  described = loop({
    iterator = { range = { ["end"] = 4 } },
    break_condition = { type = "expression", expression = "$loop_index >= 1", description = "enough" },
  }).data.break_reason,
  flat = results { iterator = "range", start = 5, ["end"] = 6 },
  counted = loop({ condition = { type = "count", max_iterations = 3 } }).data.total_iterations,
  batches = results { iterator = { collection = { 1, 2, 3 } }, batch_size = 2 },
  while_ = { while_.data.total_iterations, while_.success },
  broken = { broken.data.total_iterations, broken.data.break_reason },
  limited = { limited.data.total_iterations, limited.data.break_reason, limited.success },
  failed = { failed.success, failed.error.location, failed.error.error_type, failed.data.total_iterations, failed.data.failed_iterations },
  continued = { continued.success, continued.data.completed_iterations, continued.data.failed_iterations },
  all = { #all.all_iterations, all.all_iterations[2][1].output, all.loop_metadata.total_iterations },
  last_only = results { iterator = { range = { ["end"] = 4 } }, aggregation_strategy = "last_only" },
  first_n = results { iterator = { range = { ["end"] = 4 } }, aggregation_strategy = { type = "first_n", n = 2 } },
  last_n = results { iterator = { range = { ["end"] = 4 } }, aggregation_strategy = { type = "last_n", n = 2 } },
  summary = results { iterator = { range = { ["end"] = 2 } }, aggregation_strategy = "summary" },
  none = results { iterator = { range = { ["end"] = 2 } }, aggregation_strategy = "none" },
  custom = results { iterator = { range = { ["end"] = 2 } }, aggregation_strategy = { type = "custom", aggregate = function(all) return #all end } },
  output = loop({ iterator = { range = { ["end"] = 2 } } }).output,
  nested = nested,
}
