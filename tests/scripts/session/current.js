// Calls are made for the current session while it is active; it is cleared when it ends.
const sum = async (n) => {
  for (let i = 0; i < n; i++) await Tool.calculator({ input: "1 + 1" });
};
const count = async (id) => (await Session.stats(id)).operation_count;
const current = () => Session.getCurrent();
const none = (await current()) === null;
const [id, other] = [await Session.create(), await Session.create()];
await sum(1);
await Session.setCurrent(id);
const is_current = (await current()) === id;
await sum(2);
await Event.publish("mine");
const one = [await count(id), (await Session.get(id)).operation_count, await count(other)];
await Session.suspend(id);
await sum(4);
const suspended = [await count(id), (await current()) === id];
await Session.resume(id);
await sum(1);
await Session.setCurrent(other);
await sum(1);
await Session.setCurrent(id);
await Tool.calculator({ input: "1 / 0" });
const resumed = [await count(id), await count(other)];
await Session.complete(id);
const cleared = (await current()) === null;
await sum(1);
await Session.setCurrent(id);
await sum(1);
const over = [await count(id), (await current()) === id];
await Session.setCurrent(null);
const stats = await Session.stats(id);
const unknown = await Session.setCurrent("00000000-0000-4000-8000-000000000000").catch((e) => e.kind);
export default {
  none, is_current, one, suspended, resumed, cleared, over,
  back: (await current()) === null, unknown,
  stats: {
    session_id: stats.session_id === id, status: stats.status, artifacts: [stats.artifact_count, stats.total_artifact_size],
    heard: stats.event_count >= 1, usage: stats.token_usage, took: stats.duration_ms >= 0,
    times: stats.created_at <= stats.updated_at,
  },
};
