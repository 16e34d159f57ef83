// What a step may be written as, and what functions of steps get and return.
await Agent.create({ name: "echo", model: "mock/echo" });
const first = async (step, input) => (await Workflow.sequential({ name: "w", steps: [step] }).execute(input)).step_results[0];
const unnamed = await Workflow.sequential({ steps: [{ execute: () => 1 }, { execute: (ctx) => ctx.step.name + ctx.step.index }] }).execute();
const shadowed = await Workflow.sequential({ name: "s", steps: [
  { name: "a", execute: () => "first" },
  { name: "a", execute: () => "second" },
  { name: "last", input: { v: "{{step:a:output}}" }, execute: (ctx) => ctx.params.v },
] }).execute();
const raise = (kind, message) => { throw { kind, message }; };
let seen;
const probe = Workflow.sequential({ name: "probe", steps: [
  { name: "before", tool: "calculator", input: { input: "2 * 3" } },
  { name: "bad", execute: () => raise("conflict", "lost"), on_error: () => "continue" },
  { name: "look", input: { x: 1 }, execute: (ctx) => { seen = ctx; return { output: "shown", data: { more: true } }; } },
  { name: "after", execute: (ctx) => ctx.steps.look.data.more },
] });
const probed = await probe.execute({ q: "in" });
const merged = await first({ name: "m", input: { a: "input" }, parameters: { a: "parameters", b: "parameters" }, params: { b: "params", c: "params" }, execute: (ctx) => ctx.params });
const failed = await first({ execute: () => ({ success: false, error: "not well" }) });
const raised = await first({ execute: () => { throw new Error("plain text"); } });
const kind = async (step) => (await first(step)).type;
let counted = 0;
const limited = await first({ name: "r", retry: { max_attempts: 2, backoff_ms: 1 }, execute: () => { counted += 1; raise("execution", "x"); } });
const refused = (step) => {
  try {
    Workflow.sequential({ name: "w", steps: [step] });
  } catch (e) {
    return e;
  }
};
const unknown = refused({ name: "s", type: "tols", tool: "x" }), empty = refused({ name: "s" });
const inner = Workflow.sequential({ name: "inner", steps: [{ name: "i", execute: (ctx) => ctx.input.n + 1 }] });
export default {
  unnamed: [unnamed.step_results[0].name, unnamed.output],
  shadowed: shadowed.output,
  ctx: {
    input: seen.input, params: seen.params, output: seen.steps.before.output, same: seen.results.before.output, success: [seen.steps.before.success, seen.steps.bad.success],
    error: seen.steps.bad.error.kind, duration: typeof seen.steps.before.duration_ms === "number", workflow: [seen.workflow.id === probe.id, seen.workflow.name, seen.workflow.type],
    step: [seen.step.name, seen.step.index],
  },
  after: probed.output,
  merged: merged.output,
  returned: [
    (await first({ execute: () => 5 })).output, (await first({ execute: () => ({ output: "o", extra: 1 }) })).output, (await first({ execute: () => ({ a: 1 }) })).output,
    [failed.success, failed.error.message], [raised.success, raised.error.kind],
  ],
  kinds: [
    await kind({ tool: "calculator", input: { input: "1" } }), await kind({ tool: await Tool.get("calculator"), input: { input: "1" } }), await kind({ agent: "echo", input: "x" }),
    await kind({ execute: () => {} }), await kind({ type: "custom", execute: () => {} }), await kind({ workflow: inner, input: { n: 1 } }),
    await kind({ type: "parallel", branches: [{ execute: () => {} }] }), await kind({ type: "conditional", branches: [{ steps: [] }] }),
    await kind({ type: "loop", iterator: { range: { end: 0 } }, body: [{ execute: () => {} }] }), await kind({ type: "sequential", steps: [] }),
  ],
  agents: [
    (await first({ agent: "echo", input: "text" })).output, (await first({ agent: "echo", prompt: "prompt" })).output, (await first({ agent: "echo", input: { prompt: "of {{input:who}}" } }, { who: "me" })).output,
    (await first({ agent: await Agent.get("echo"), input: { text: "object" } })).output,
  ],
  nested: [(await first({ workflow: inner, input: { n: 4 } })).output, (await first({ workflow: { type: "sequential", steps: [{ execute: (ctx) => ctx.input.n }] }, input: { n: 6 } })).output],
  retried: [counted, limited.retry_count, limited.success],
  skip: [(await first({ skip_condition: "input.no", execute: () => 1 }, { no: true })).skipped, (await first({ skip_condition: "input.no", execute: () => 1 }, { no: false })).skipped],
  gates: [
    (await first({ type: "loop", condition: "input.no", iterator: { range: { end: 1 } }, body: [{ execute: () => 1 }] }, { no: false })).skipped,
    (await first({ type: "conditional", condition: "input.no", branches: [{ steps: [] }] }, { no: false })).skipped,
    (await first({ type: "parallel", condition: "input.no", branches: [{ execute: () => {} }] }, { no: false })).skipped,
    (await first({ type: "conditional", condition: "input.no", then_branch: [], else_branch: [{ execute: () => "else" }] }, { no: false })).output,
  ],
  unknown: [unknown === undefined, unknown.kind, unknown.hints], empty: [empty === undefined, empty.kind],
};
