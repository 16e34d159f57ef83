// What cannot be stored or read says why.
const refused = async (f, ...args) => {
  try { await f(...args); } catch (e) {
    return { kind: e.kind, message: e.message.replace(/[0-9a-f]{8}-[0-9a-f-]+/g, "ID").replace(/'\/.*\//, "'"), op: e.op };
  }
  return "no error";
};
const none = [
  await refused(Artifact.store, null, "notes", "a", "x"), await refused(Artifact.store, "", "notes", "a", "x"), await refused(Artifact.list),
];
const [sid, other] = [await Session.create(), await Session.create()];
const id = await Artifact.store(sid, "notes", "a", "x");
await Session.suspend(other);
const result = {
  none,
  arguments: [
    await refused(Artifact.store, sid, "", "a", "x"),
    await refused(Artifact.store, sid, "notes", "", "x"),
    await refused(Artifact.store, sid, "notes", "a", 5),
    await refused(Artifact.store, sid, "notes", "a"),
    await refused(Artifact.store, sid, "notes", 5, "x"),
    await refused(Artifact.store, sid, "notes", "a", "x", "y"),
    await refused(Artifact.store, sid, "notes", "a", "x", { tags: [1] }),
    await refused(Artifact.get, sid, 5),
    await refused(Artifact.get, sid, { name: "a" }),
  ],
  limits: [
    await refused(Artifact.store, sid, "notes", "n".repeat(256), "x"),
    await refused(Artifact.store, sid, "notes", "a", "x", { tags: ["t".repeat(65)] }),
    await refused(Artifact.store, sid, "notes", "a", "x".repeat(101)),
    await refused(async () => { for (let n = 1; n <= 3; n++) await Artifact.store(sid, "notes", `n${n}`, "x"); }),
  ],
  sessions: [
    await refused(Artifact.store, "nowhere", "notes", "a", "x"),
    await refused(Artifact.list, "nowhere"),
    await refused(Artifact.store, other, "notes", "a", "x"),
  ],
  access: [
    await refused(Artifact.get, sid, "0123456789abcdef"),
    await refused(Artifact.get, sid, { session_id: sid, sequence: 99, content_hash: id.content_hash }),
    await refused(Artifact.get, other, id),
    await refused(Artifact.get, other, id.content_hash),
    await refused(Artifact.delete, other, id),
    await refused(Artifact.grant, other, id, other, "read"),
    await refused(Artifact.grant, sid, id, other, "own"),
    await refused(Artifact.store_file, sid, "missing.txt"),
  ],
};
await Artifact.delete(sid, id);
result.gone = await refused(Artifact.get, sid, id);
await Session.complete(sid);
result.ended = [await refused(Artifact.store, sid, "notes", "b", "x"), (await Artifact.list(sid)).length];
export default result;
