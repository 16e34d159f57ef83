// What is saved is what is loaded; how many arguments are passed says whether a scope is.
async function failure(act) {
  try { await act(); } catch (e) { return { kind: e.kind, message: e.message, op: e.op }; }
}
await State.save("counter", 1);
await State.set("agent:alpha", "prefs", { lang: "en", list: [1, "two", { three: 3.5 }], none: null });
await State.save("big", 9007199254740993n);
await State.save("nothing", null);
const kept = await State.load("agent:alpha", "prefs");
const before = await State.load("counter");
await State.save("global", "counter", { nested: [[1]] });
await State.save("counter", "again");
const agent = await Agent.create({ name: "ann", model: "mock/echo" });
await State.save("handle", agent);
await State.delete("big");
await State.delete("big");
await State.delete("agent:alpha", "none");
export default {
  before, after: await State.load("global", "counter"), prefs: kept, got: (await State.get("agent:alpha", "prefs")).list[1],
  big: (await State.load("big")) == null, missing: (await State.load("missing")) == null, nothing: (await State.load("nothing")) == null,
  keys: await State.list(), handle: (await State.load("handle")).kind, nothing_returned: (await State.save("x", 1)) == null && (await State.delete("x")) == null,
  function_: await failure(() => State.save("f", { a: [() => 1] })),
  none: await failure(() => State.save("k")), many: await failure(() => State.load("a", "b", "c")), empty: await failure(() => State.delete()),
  table_key: await failure(() => State.load({ a: 1 })), no_scope: await failure(() => State.load(true, "k")),
};
