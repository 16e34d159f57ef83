// Middleware sees what is done to its session and for it, and nothing else.
let runs = 0;
const seen = [];
await Tool.define({ name: "t", description: "t", parameters: [{ name: "text", type: "string" }], execute: (p) => { runs++; return p.text; } });
const see = (ctx) => { seen.push(`${ctx.point} ${ctx.tool_name ?? ctx.data.operation} ${typeof ctx.data.session_id}`); };
const id = await Session.create({ config: { middleware: {
  metrics: true, security: { check_xss: false }, caching: { min_execution_time_ms: 0, ttl_by_component: { t: 300 } }, logging: false,
  custom_hooks: [
    { operation: "create", handler: see }, { operation: "read", handler: see }, { operation: "update", handler: see }, { operation: "delete", handler: see },
    { operation: "operation", handler: see, priority: -5 },
    { operation: "operation", handler: (ctx) => { if (ctx.parameters.text === "stop") return "no"; } },
  ],
} } });
async function call(text) {
  try { return (await Tool.invoke("t", { text })).output; } catch (e) { return e.kind; }
}
await call("a");
await call("a");
const outside = [runs, seen.length];
await Session.setCurrent(id);
const inside = [await call("a"), await call("a"), runs, await call("stop"), await call("x' OR 1=1; DROP TABLE users; --"), await call("<script>alert(1)</script>")];
const numbers = (await Hook.metrics()).sessions[id].points.BeforeToolExecution;
await Session.save(id);
await Session.suspend(id);
await Session.resume(id);
await Session.setCurrent(await Session.create({}));
await call("b");
const attached = (await Hook.list({ tag: id })).length > 0;
await Session.complete(id);
async function refused(middleware) {
  try { await Session.create({ config: { middleware } }); } catch (e) { return [false, e.kind, e.message, e.hints[0] ?? null].filter((x) => x !== null); }
  return [true];
}
export default {
  outside, inside, seen, counted: numbers, attached, left: (await Hook.list({ tag: id })).length,
  kept: JSON.stringify((await Session.get(id)).config.middleware.security),
  refused: [
    await refused({ loging: true }), await refused({ caching: 5 }), await refused({ pattern: "most" }),
    (await refused({ custom_hooks: [{ operation: "creat", handler: see }] }))[1],
    (await refused({ metrics: { metricz: {} } }))[1],
  ],
  made: (await Hook.list()).length,
};
