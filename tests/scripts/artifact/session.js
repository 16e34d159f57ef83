// A session counts its artifacts, exports them, has bounds of its own, and takes them along when it is deleted.
const refused = async (f, ...args) => {
  try { await f(...args); } catch (e) { return { kind: e.kind, message: e.message }; }
  return "no error";
};
const sid = await Session.create({ config: { max_artifacts: 2, resource_limits: { max_storage_bytes: 20 } } });
const other = await Session.create();
const id = await Artifact.store(sid, "notes", "a", "same content");
const kept = await Artifact.store(other, "notes", "b", "same content");
const result = {
  counted: [(await Session.get(sid)).artifact_count, (await Session.stats(sid)).artifact_count, (await Session.stats(sid)).total_artifact_size],
  bytes: await refused(Artifact.store, sid, "notes", "c", "123456789"),
};
await Artifact.store(sid, "notes", "c", "12345678");
result.count = await refused(Artifact.store, sid, "notes", "d", "");
await Artifact.delete(sid, id);
result.less = [(await Session.get(sid)).artifact_count, (await Session.stats(sid)).total_artifact_size];
const [plain, full] = [await Session.export(sid), await Session.export(sid, { include_artifacts: true })];
result.exported = [!plain.artifacts?.length, full.artifacts.length, full.artifacts[0].content, full.artifacts[0].name];
await Hook.register("custom:artifact:before_create", () => ({ type: "cancel", reason: "no" }));
const quiet = await Session.create({ config: { hook_config: { on_artifact_create: false } } });
result.hooks = [await refused(Artifact.store, other, "notes", "x", "x"), typeof (await Artifact.store(quiet, "notes", "x", "x")) === "object" ? "table" : "none"];
await Session.delete(sid);
result.deleted = [(await refused(Artifact.list, sid)).kind, await Artifact.get_content(other, kept), (await Artifact.query({ name_pattern: "c" })).length];
export default result;
