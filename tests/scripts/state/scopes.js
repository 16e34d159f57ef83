// A scope is any text; no scope sees the keys of another.
const s = State.scope;
await State.save(s.Global, "k", "global");
await State.save(s.Agent("a"), "k", "agent");
await State.save(s.Workflow("w"), "k", 1);
await State.save(s.Step("s"), "k", 1);
await State.save(s.Session("s"), "k", 1);
await State.save(s.User(7), "k", "user");
await State.save(s.Custom("x/y"), "k", "custom");
await State.save("a/b", "c", 1);
await State.save("a", "b/c", 2);
await State.save("", "k", "empty");
await State.save("100%", "k", 3);
await State.save("user:7", "b", [1]);
await State.save("user:7", "a", true);
await State.save("temp:list", "z");
await State.save("temp:x", "t");
await State.save("cache:x", "c");
let unknown;
try { await State.load({ type: "robot", id: "1" }, "k"); } catch (e) { unknown = [e.kind, e.message]; }
export default {
  names: [s.Global, State.scope.Agent("a"), State.scope.Workflow("w"), State.scope.Step("s"), State.scope.Session("s"), State.scope.User(7), State.scope.Custom("x/y")],
  values: [await State.load("k"), await State.load("agent:a", "k"), await State.load("user:7", "k"), await State.load("custom:x/y", "k"), await State.load("", "k"), await State.load("100%", "k")],
  table: await State.load({ type: "user", id: "7" }, "k"),
  apart: [await State.load("a/b", "c"), await State.load("a", "b/c")],
  lists: [await State.list("user:7"), await State.listKeys("user:7"), await State.keys("user:7"), await State.list("a"), await State.list("a/b")],
  none: await State.list("nobody"), global: await State.list(), all: await State.all("user:7"), all_global: await State.all(), empty: Object.keys(await State.all("nobody")).length === 0,
  unknown,
};
