// Ranges include their end; collections, conditions, batches, breaks and every aggregation.
const loop = ({ with: input, ...cfg }) =>
  Workflow.loop({
    aggregation_strategy: "collect_outputs",
    body: [{ name: "b", execute: (ctx) => ctx.current_value }],
    ...cfg,
  }).execute(input);
const results = async (cfg) => (await loop(cfg)).data.aggregated_results;
const squares = await results({ iterator: { range: { start: 1, end: 3 } },
  body: [{ name: "sq", tool: "calculator", input: { input: "{{loop:current_value}} ^ 2" } }] });
const while_ = await loop({ iterator: { while_condition: "$iteration < 3" } });
const broken = await loop({ iterator: { range: { end: 100 } }, break_conditions: [{ type: "expression", expression: "$loop_index >= 2" }] });
const limited = await loop({ iterator: { while_condition: "always" }, max_iterations: 4 });
const body = [{ name: "f", execute: (ctx) => {
  if (ctx.current_index === 1) throw { kind: "execution", message: "bad" };
  return ctx.current_index;
} }];
const failed = await loop({ iterator: { range: { end: 3 } }, body });
const continued = await loop({ iterator: { range: { end: 3 } }, error_strategy: "continue", body });
const all = await results({ iterator: { range: { end: 1 } }, aggregation_strategy: "collect_all" });
const nested = await results({ iterator: { collection: ["a", "b"] }, body: [
  { name: "inner", type: "loop", iterator: { range: { start: 1, end: 2 } }, aggregation_strategy: "collect_outputs",
    body: [{ name: "pair", input: { text: "{{loop:parent.current_item}}{{loop:current_item}}" }, execute: (ctx) => ctx.params.text }] },
] });
const empty = await loop({ iterator: { range: { start: 1, end: 0 } } });
export default {
  squares,
  down: await results({ iterator: { range: { start: 2, end: 0, step: -1 } } }),
  empty: [empty.success, empty.data.total_iterations],
  token: await results({ iterator: { collection: "{{input:rows}}" }, with: { rows: ["x", "y"] } }),
  json: await results({ iterator: { collection: "{{input:rows}}" }, with: { rows: "[1, 2]" } }),
  described: (await loop({
    iterator: { range: { end: 4 } },
    break_condition: { type: "expression", expression: "$loop_index >= 1", description: "enough" },
  })).data.break_reason,
  flat: await results({ iterator: "range", start: 5, end: 6 }),
  counted: (await loop({ condition: { type: "count", max_iterations: 3 } })).data.total_iterations,
  batches: await results({ iterator: { collection: [1, 2, 3] }, batch_size: 2 }),
  while_: [while_.data.total_iterations, while_.success],
  broken: [broken.data.total_iterations, broken.data.break_reason],
  limited: [limited.data.total_iterations, limited.data.break_reason, limited.success],
  failed: [failed.success, failed.error.location, failed.error.error_type, failed.data.total_iterations, failed.data.failed_iterations],
  continued: [continued.success, continued.data.completed_iterations, continued.data.failed_iterations],
  all: [all.all_iterations.length, all.all_iterations[1][0].output, all.loop_metadata.total_iterations],
  last_only: await results({ iterator: { range: { end: 4 } }, aggregation_strategy: "last_only" }),
  first_n: await results({ iterator: { range: { end: 4 } }, aggregation_strategy: { type: "first_n", n: 2 } }),
  last_n: await results({ iterator: { range: { end: 4 } }, aggregation_strategy: { type: "last_n", n: 2 } }),
  summary: await results({ iterator: { range: { end: 2 } }, aggregation_strategy: "summary" }),
  none: await results({ iterator: { range: { end: 2 } }, aggregation_strategy: "none" }),
  custom: await results({ iterator: { range: { end: 2 } }, aggregation_strategy: { type: "custom", aggregate: (all) => all.length } }),
  output: (await loop({ iterator: { range: { end: 2 } } })).output,
  nested,
};
