// A value is replaced only if it is the expected one.
const first = await State.compareAndSet("global", "n", null, 1);
const again = await State.compareAndSet("global", "n", undefined, 2);
const second = await State.compareAndSet("global", "n", 1.0, { a: [1], b: "x" });
const map = await State.compareAndSet("global", "n", { b: "x", a: [1] }, null);
const null_ = await State.compareAndSet("global", "n", null, "end");
const passing = await State.compare_and_set("global", "temp:n", null, 1);
let error;
try { await State.compareAndSet("n", 1, 2); } catch (e) { error = [e.kind, e.message, e.op]; }
export default {
  first, again, second, map, null: null_, passing,
  value: await State.load("n"), temp: await State.load("temp:n"), error,
};
