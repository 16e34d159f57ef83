// What happens to sessions is published, each with the session's id.
const sub = await Event.subscribe("session.*");
await Hook.register("SessionCheckpoint", () => {});
const id = await Session.create();
for (const verb of ["save", "suspend", "load", "resume", "complete", "archive", "delete"]) await Session[verb](id);
await Session.fail(await Session.create(), "no paper");
const events = await Event.receiveBatch(sub, { timeout_ms: 0 });
const facts = Object.fromEntries(events.map((e) => [e.type, e.data]));
export default {
  kinds: events.map((e) => e.type),
  own: events.every((e, i) => (e.data.session_id === id || i > 13) && e.source.component === "session"),
  changes: events.filter((e) => e.type === "session.state.changed").map((e) => `${e.data.from}>${e.data.to}`),
  reason: facts["session.failed"].reason, status: facts["session.resumed"].status,
  completed: {
    took: facts["session.completed"].duration_ms >= 0, artifacts: facts["session.completed"].artifact_count,
    operations: facts["session.completed"].operation_count,
  },
  hooks: facts["session.started"].hook_count, hook: facts["session.hook.executed"].point,
};
