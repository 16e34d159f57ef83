// TracingIntegrator: hooks find the ids of trace and span; a collector must be named somewhere.
await Tool.define({ name: "t", description: "t", execute: () => "done" });
const seen = [];
await Hook.register("BeforeToolExecution", (ctx) => { seen.push(ctx.metadata); }, "lowest");
await Hook.enableBuiltin("TracingIntegrator");
const unnamed = (await Tool.invoke("t", {})).output;
const failures = (await Hook.list({ hook_point: "BeforeToolExecution", tag: "builtin" }))[0].failures;
await Hook.enableBuiltin("TracingIntegrator", { endpoint: "http://127.0.0.1:9", span_attributes: { team: "blue" } });
await Tool.invoke("t", {});
await Tool.invoke("t", {});
await Hook.enableBuiltin("TracingIntegrator", { endpoint: "http://127.0.0.1:9", propagate_context: false });
await Tool.invoke("t", {});
await Hook.disableBuiltin("TracingIntegrator");
const [, a, b] = seen;
async function kind(config) {
  try { await Hook.enableBuiltin("TracingIntegrator", config); } catch (e) { return e.kind; }
}
export default {
  unnamed: [unnamed, failures, seen[0].trace_id == null],
  ids: [a.trace_id.length, a.parent_span_id.length, a.trace_id === b.trace_id, a.parent_span_id !== b.parent_span_id],
  traceparent: a.traceparent === `00-${a.trace_id}-${a.parent_span_id}-01`,
  silent: seen[3].trace_id == null,
  wrong: [await kind({ sample_rate: 2 }), await kind({ endpoint: "localhost" }), await kind({ provider: "zipkin" })],
};
