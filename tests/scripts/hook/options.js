// The options of a hook are checked: a wrong one is an error that names it, an unknown one is ignored.
async function refused(name, call, ...args) {
  try { await call(...args); } catch (e) { return [false, e.kind, e.message.includes(name)]; }
  return [true];
}
const none = () => {};
const before = (await Hook.list()).length;
const found = [
  await refused("tags", Hook.register, "BeforeToolExecution", none, { tags: "one" }),
  await refused("timeout_ms", Hook.register, "BeforeToolExecution", none, { timeout_ms: -1 }),
  await refused("fail_closed", Hook.register, "BeforeToolExecution", none, { fail_closed: "yes" }),
  await refused("name", Hook.register, "BeforeToolExecution", none, { name: 5 }),
  await refused("capacity", Hook.enableBuiltin, "RateLimiter", { capacity: "many" }),
  await refused("did you mean 'capacity'", Hook.enableBuiltin, "RateLimiter", { capcity: 1 }),
  await refused("Unknown hook point: x", Hook.list, { point: "x" }),
];
const nothing = (await Hook.list()).length === before;
const h = await Hook.register({ hook_point: "BeforeToolExecution", handler: none, name: "own", failClosed: true, colour: "red" });
await Hook.register("AfterToolExecution", none, { priority: "low", tags: ["audit trail"], nmae: "x" });
const names = async (filter) => (await Hook.list(filter)).map((hook) => hook.point);
export default {
  refused: found, nothing, name: h.name,
  listed: [await names({ tag: "trail" }), await names({ priority: "LOW" }), await names({ hookPoint: "BeforeToolExecution" }), await names({ priority: "urgent" }), await names({ tag: "trail", priority: "high" })],
};
