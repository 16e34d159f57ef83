// A lost comparison is told; what a hook puts in its place is written.
let seen, error;
const merge = await Hook.register("StateConflict", (ctx) => {
  seen = ctx.data;
  return { type: "replace", data: [ctx.data.actual, ctx.data.attempted] };
});
await State.save("n", 1);
const lost = await State.compareAndSet("global", "n", 5, 6);
const merged = await State.load("n");
await merge.unregister();
const stop = await Hook.register("StateConflict", () => ({ type: "cancel", reason: "no" }));
try { await State.compareAndSet("global", "n", 5, 6); } catch (e) { error = [e.kind, e.message]; }
await stop.unregister();
export default {
  lost, merged, seen: [seen.scope, seen.key, seen.expected, seen.actual, seen.attempted],
  cancelled: error, plain: await State.compareAndSet("global", "n", 5, 6),
};
