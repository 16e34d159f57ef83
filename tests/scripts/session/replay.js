// Which sessions have calls that can be made again.
const [empty, used] = [await Session.create(), await Session.create()];
const never = await Session.create({ config: { enable_replay: false } });
const hook = await Hook.register("BeforeToolExecution", () => {});
for (const id of [used, never]) {
  await Session.setCurrent(id);
  await Tool.calculator({ input: "1 + 1" });
}
await Session.setCurrent(null);
await Tool.calculator({ input: "1 + 1" });
await hook.unregister();
const summary = async (id) => {
  const found = await Session.getReplayMetadata(id);
  return {
    own: found.session_id === id && found.correlation_id.length === 36,
    operations: found.total_operations, hooks: found.total_hooks,
    times: found.first_hook_timestamp !== undefined && found.first_hook_timestamp <= found.last_hook_timestamp,
    took: found.total_duration >= 0, can: found.can_replay,
  };
};
const list = await Session.listReplayable();
export default {
  can: [await Session.canReplay(empty), await Session.canReplay(used), await Session.canReplay(never)],
  empty: await summary(empty), used: await summary(used), list: [list.length, list[0] === used],
  missing: await Session.canReplay("00000000-0000-4000-8000-000000000000").catch((e) => e.kind),
};
