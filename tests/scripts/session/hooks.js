// Each hook point about sessions is called once, with the session's data; a veto leaves the session as it is.
const seen = [];
let data;
for (const point of ["SessionStart", "SessionEnd", "SessionCheckpoint", "SessionRestore", "SessionSave"]) {
  await Hook.register(point, (ctx) => {
    seen.push(`${point} ${ctx.data.action} ${ctx.data.session_status}`);
    if (ctx.data.session_name === "stubborn" && ctx.data.custom_metadata.no === ctx.data.action) {
      return { type: "cancel", reason: `not ${ctx.data.action}` };
    }
    data = ctx.data;
  });
}
const id = await Session.create({ name: "watched", tags: ["t"], metadata: { team: "blue" } });
await Session.save(id);
await Session.suspend(id);
await Session.resume(id);
await Session.load(id);
const before = seen.length;
await Session.suspend(id);
await Session.suspend(id);
const once = seen.length - before;
await Session.complete(id);
const last = data;
await Session.fail(await Session.create());
const deleted = await Session.create();
await Session.delete(deleted);
await Session.delete(deleted);
const quiet = await Session.create({
  config: { hook_config: { on_start: false, on_end: false, on_suspend: false, on_resume: false } },
});
const said = seen.length;
await Session.suspend(quiet);
await Session.resume(quiet);
await Session.complete(quiet);
const silent = seen.length === said;
const refused = async (action) => {
  const id = await Session.create({ name: "stubborn", metadata: { no: action } });
  const e = await Session[action](id).then(() => ({ kind: false, message: false }), (e) => e);
  return { kind: e.kind, message: e.message, status: (await Session.get(id)).status };
};
const e = await Session.create({ name: "stubborn", metadata: { no: "create" } }).catch((e) => e);
const metrics = last.performance_metrics;
export default {
  seen: seen.slice(0, said), once, silent,
  data: {
    session_id: last.session_id === id, session_name: last.session_name, tags: last.tags, custom_metadata: last.custom_metadata,
    times: last.created_at <= last.updated_at, operations: metrics.operation_count,
    artifacts: [metrics.artifact_count, metrics.total_artifact_size],
    took: metrics.session_duration_ms >= 0 && metrics.session_duration_seconds >= 0,
  },
  create: { kind: e.kind, message: e.message, none: (await Session.list({ search_text: "stubborn" })).length },
  suspend: await refused("suspend"), save: await refused("save"), load: await refused("load"),
  complete: await refused("complete"),
};
