// A hook lives until it is unregistered; its handle says what it is.
const h = await Hook.register("BeforeToolExecution", () => {}, { name: "mine", priority: "high", tags: ["cost", "policy"] });
const second = await Hook.register({ point: "agent_complete", handler: () => {}, priority: 7 });
const info = (await Hook.list("BeforeToolExecution"))[0];
async function failure(act) {
  try { await act(); } catch (e) { return [e.kind, e.message]; }
}
const id = await h.id(), point = await h.hookPoint();
export default {
  uuid: id.length === 36, point, alias: await second.hookPoint(), face: [h.name, h.point],
  info: [info.name, info.hook_point, info.point, info.priority, info.priority_value, info.version, info.tags,
    info.executions, info.failures, info.breaker, info.id === id],
  default_name: /^[a-z]+_AfterAgentExecution_/.test((await Hook.list("AfterAgentExecution"))[0].name),
  unknown: await failure(() => Hook.register("BeforeToolExecutoin", () => {})),
  taken: await failure(() => Hook.register("BeforeToolExecution", () => {}, { name: "mine" })),
  no_handle: (await failure(() => Hook.unregister("mine")))[0],
  gone: [await h.unregister(), await h.unregister(), await Hook.unregister(h), await Hook.unregister(second), await Hook.unregister(second)],
  after: (await failure(() => h.id()))[0],
  by_name: [(await Hook.register("ToolError", () => {}, { name: "x" })) !== null, await Hook.unregister({ name: "x" }), await Hook.unregister({ name: "x" })],
  left: (await Hook.list()).length,
};
