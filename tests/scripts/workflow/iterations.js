// Every way to write what a loop goes over, its variables, its ends.
const loop = (cfg, input) => Workflow.loop({
  aggregation_strategy: "collect_outputs", body: [{ name: "b", execute: (ctx) => ctx.loop.current_item }], ...cfg,
}).execute(input);
const items = async (cfg, input) => (await loop(cfg, input)).data.aggregated_results;
const refused = (cfg) => {
  try {
    Workflow.loop({ name: "w", ...cfg });
    return true;
  } catch (e) {
    return `${e.kind}: ${e.message}`;
  }
};
const body = [{ execute: () => {} }];
let seen, batch;
await loop({ iterator: { collection: ["only"] }, body: [{ name: "b", execute: (ctx) => { seen = ctx; } }] });
await loop({ iterator: { collection: [1, 2, 3] }, batch_size: 2, body: [{ name: "b", execute: (ctx) => { batch ??= ctx.batch; } }] });
const not_list = await loop({ iterator: { collection: "{{input:n}}" } }, { n: 5 });
const unknown = await loop({ iterator: { collection: "{{step:nowhere:output}}" } });
const late = await loop({ timeout_ms: 30, iterator: { while_condition: "always" }, max_iterations: 1000, body: [{ name: "b", execute: () => Utils.sleep(0.02) }] });
const partly = await loop({ iterator: { range: { end: 2 } }, error_strategy: "continue", aggregation_strategy: "summary", body: [
  { name: "x", execute: (ctx) => { if (ctx.current_index === 1) throw new Error("bad"); return ctx.current_index; } },
  { name: "y", execute: (ctx) => "y" + ctx.current_index },
] });
const all = await loop({ iterator: { range: { end: 1 } }, aggregation_strategy: "collect_all", break_condition: "$iteration == 1" });
const twice = Workflow.loop({ name: "outer", iterator: { collection: ["a", "b"] }, aggregation_strategy: "collect_outputs", body: [
  { name: "inner", type: "loop", iterator: { collection: [1, 2] }, aggregation_strategy: "collect_outputs",
    body: [{ name: "pair", execute: (ctx) => `${ctx.loop.parent.current_item}${ctx.loop.current_item}${ctx.loop.parent.current_index}` }] },
] });
const between = Workflow.sequential({ name: "s", steps: [
  { name: "rows", execute: () => ["p", "q"] },
  { name: "each", type: "loop", iterator: { collection: "{{step:rows:output}}" }, body: [{ name: "up", input: { v: "{{loop:current_item | upper}}" }, execute: (ctx) => ctx.params.v }] },
  { name: "last", input: { v: "{{step:each:up:output}}" }, execute: (ctx) => ctx.params.v },
] });
export default {
  ranges: [await items({ iterator: { range: { end: 2 } } }), await items({ iterator: { range: { start: 1, end: 6, step: 2 } } }), await items({ iterator: { range: { start: 1, end: -1, step: -1 } } }), await items({ iterator: { range: { start: 4, end: 4 } } })],
  map: await items({ iterator: { collection: { a: 1, b: 2 } } }),
  text: await items({ iterator: { collection: "{{input:rows}}" } }, { rows: '["x", "y"]' }),
  flat: [await items({ iterator: "collection", items: [5, 6] }), await items({ iterator: "while", condition: "$iteration < 2" }), await items({ iterator: "range", start: 3, end: 1, step: -1 })],
  condition: [await items({ condition: { type: "collection", items: [7] } }), (await items({ condition: { type: "expression", expression: "$iteration < 3" } })).length, (await items({ condition: { type: "count", max_iterations: 2 } })).length],
  body: [await items({ iterator: { collection: [1] }, body: { name: "one", execute: () => "step" } }), await items({ iterator: { collection: [1] }, body: { type: "sequential", steps: [{ execute: () => "a" }, { execute: () => "b" }] } })],
  variables: [seen.loop.current_index, seen.loop.loop_index, seen.loop.iteration, seen.loop.current_item, seen.loop.current_value, seen.loop.loop_value, seen.current_item, seen.current_value, seen.current_index],
  batch, not_list: [not_list.success, not_list.error.kind], unknown: [unknown.success, unknown.error.kind],
  late: [late.success, late.error.kind, late.data.break_reason],
  partly: [partly.success, partly.data.failed_iterations, partly.data.completed_iterations, partly.data.aggregated_results, partly.output],
  all: [all.data.break_reason, all.data.aggregated_results.all_iterations.length, all.data.aggregated_results.loop_metadata.completed_iterations, all.data.aggregated_results.loop_metadata.break_reason],
  twice: (await twice.execute()).output, between: (await between.execute()).output,
  while_limit: [(await loop({ iterator: { while_condition: "always" } })).data.total_iterations, (await loop({ iterator: { while_condition: "always", max_iterations: 5 } })).data.total_iterations, (await loop({ iterator: { range: { end: 300 } } })).data.total_iterations],
  refused: [
    refused({ body }), refused({ iterator: { range: { end: 1, step: 0 } }, body }), refused({ iterator: { range: { end: 1 } } }),
    refused({ iterator: "rnge", body }), refused({ iterator: { range: {} }, body }), refused({ iterator: { range: { end: 1 } }, body, aggregation_strategy: "some" }),
    refused({ iterator: { range: { end: 1 } }, body, batch_size: 0 }),
  ],
};
