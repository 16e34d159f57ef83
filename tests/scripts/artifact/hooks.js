// Hooks see and stop what becomes of artifacts, and events tell of it.
const sid = await Session.create();
let points = [], veto;
for (const name of ["before_validate", "after_validate", "validation_failed", "before_create", "after_create", "before_modify", "after_modify", "before_delete", "after_delete", "derived", "accessed"]) {
  await Hook.register(`custom:artifact:${name}`, (ctx) => {
    points.push(`${name} ${ctx.data.artifact.name}`);
    return name === veto ? { type: "cancel", reason: "not today" } : "continue";
  });
}
const heard = await Event.subscribe(["session.artifact.*", "artifact.*"]);
const seen = async () => {
  const was = points, told = [];
  points = [];
  for (let e; (e = await Event.receive(heard, 0));) told.push(e.event_type);
  return { points: was, events: told };
};
const refused = async (f, ...args) => {
  try { await f(...args); } catch (e) { return { kind: e.kind, message: e.message }; }
  return "no error";
};
const result = {};
const id = await Artifact.store(sid, "notes", "a", "1");
result.stored = await seen();
await Artifact.store(sid, "notes", "a", "2", { parent_artifact: id });
result.version = await seen();
await Artifact.get(sid, id);
result.read = await seen();
await refused(Artifact.store, sid, "notes", "n".repeat(256), "x");
const failed = await seen();
result.failed = { points: failed.points.length, events: failed.events };
const other = await Session.create();
await Artifact.grant(sid, id, other, "read");
result.granted = await seen();
veto = "before_create";
result.no_create = await refused(Artifact.store, sid, "notes", "b", "x");
veto = "before_delete";
result.no_delete = await refused(Artifact.delete, sid, id);
veto = undefined;
await seen();
await Artifact.delete(sid, id);
result.deleted = await seen();
result.left = (await Artifact.list(sid)).length;
export default result;
