// Which types a pattern fits; a malformed one is refused.
const types = ["user", "user.a", "user.a.b", "username.x", "disk.error", "disk.sda.error", "order.created", "a*b", "v1"];
async function fits(pattern) {
  const id = await Event.subscribe(pattern, { language: "python" });
  for (const kind of types) await Event.publish(kind, null, { language: "py" });
  const found = (await Event.receiveBatch(id, { timeout_ms: 0 })).map((e) => e.type);
  await Event.unsubscribe(id);
  return found;
}
const found = {};
for (const pattern of ["user.*", "user*", "*.error", "**.error", "{user,order}.*", "a\\*b", "user\\.a", "v[0-9]", "?[!2]", "user"]) {
  found[pattern] = await fits(pattern);
}
async function failure(pattern) {
  try { await Event.subscribe(pattern); } catch (e) { return [e.kind, e.message]; }
}
export default {
  found, all: (await fits("*")).length === types.length && (await fits("**")).length === types.length,
  several: await fits(["user", "v*", "user"]),
  failures: [await failure("a.[b"), await failure("{a"), await failure(""), await failure([])],
};
